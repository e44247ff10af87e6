"""The Inspect page opens whatever run, and whatever number of a network, an address names."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn import operations
from cnn.data.dataset import Dataset
from cnn.data.split import DataChoice
from cnn.inspection.edits import Edits
from cnn.inspection.units import Unit
from cnn.network.presets import ARTICLE
from cnn.network.spec import (
    Activation,
    ConvolutionBlock,
    DenseLayer,
    Network,
)
from cnn.training.events import EpochEnd
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Run
from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA
from tests.messages import messages
from tests.pages.conftest import Open
from tests.strategies import random_weights

SECTIONS = ("What does it look for?", "Why this class?", "Change the image", "Change the network")
BLOCK = ConvolutionBlock(3, 3, batch_normalization=True, dropout=0.2)
RUNS = {
    "without-convolution": (Network(dense=(DenseLayer(6, Activation("relu")),)), DEFAULT_DATA),
    "two-classes": (
        Network((BLOCK,), "global_average", output="sigmoid"),
        DataChoice(DEFAULT_DATA.dataset, (0, 6)),
    ),
    "colored": (Network((BLOCK,), "global_average"), DataChoice("speckles-1")),
}


@pytest.fixture(scope="module", autouse=True)
def _runs() -> None:
    """Runs that are not trained, beside the shipped one."""
    images = np.random.default_rng(1).integers(0, 256, (40, 12, 12, 3), dtype=np.uint8)
    classes = ("Even", "Odd")
    services.data_store().add(
        Dataset("Speckles", "speckles-1", images, np.arange(40) % 2, classes, "Random.")
    )
    store = services.run_store()
    for name, (network, data) in RUNS.items():
        job = Job(network, data, Settings((Phase(1, 0.001),)))
        run = Run(name, job, "done", "", 1.0, 1.0)
        weights = random_weights(services.run_plan(run), 4)
        store.save(run)
        store.save(
            store.save_epoch(
                run, EpochEnd(0, 0.7, 0.5, 0.7, 0.5, 0.001, 1, weights=weights, resume=b"")
            )
        )


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """No worker answers; the places on the page that ask one."""
    places: list[str] = []

    def ask(place: str, *_: object) -> Future[Any]:
        places.append(place)
        return Future()

    monkeypatch.setattr(services, "ask", ask)
    yield places


def shown(app: AppTest) -> dict[str, Any]:
    """What the network view is told."""
    assert not app.exception, app.exception
    for head, _ in messages(app):
        if "layers" in head:
            return head
    raise AssertionError("There is no network view.")


@pytest.fixture
def addressed(open_page: Open) -> Callable[..., AppTest]:
    """Opens Inspect at one address after another, each as in a new tab."""
    app = open_page("Inspect")

    def opened(**parameters: str) -> AppTest:
        del app.session_state["session"]
        app.query_params.clear()
        for key, value in parameters.items():
            app.query_params[key] = value
        return app.run()

    return opened


@pytest.mark.parametrize("run", [services.EXAMPLE_RUN, *RUNS])
def test_every_section_opens(open_page: Open, asked: list[str], run: str) -> None:
    app = open_page("Inspect", run=run)
    network = RUNS[run][0] if run in RUNS else ARTICLE
    assert shown(app)["selected"] is None and not asked  # nor is Keras asked for anything
    [sections] = [one for one in app.get("button_group") if one.label == "Ask the network"]
    for name in SECTIONS:
        asked.clear()
        sections.set_value(name).run()
        shown(app)
        assert not app.error
        told = [one.value for one in (*app.info, *app.markdown, *app.caption)]
        if name in SECTIONS[:2]:
            assert any(":material/hourglass:" in one for one in told)  # a worker is waited for
            assert len(set(asked)) == len(asked)
            if name == "Why this class?":
                compared = any(one.label == "Compared with" for one in app.selectbox)
                assert compared == (network.output == "softmax")
        elif name == "Change the network":
            without = any("no convolution" in one for one in told)
            assert without == (not network.blocks)


def test_an_image_goes_through_each_network_once_per_run_of_the_page(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("Inspect", image="31")
    passes: list[bytes] = []
    convolution = operations.convolution

    def counted(x: Any, kernel: Any, *rest: Any) -> Any:
        if len(x) == 1 and kernel.shape == (3, 3, 1, 4):  # one image, the first layer
            passes.append(kernel.tobytes())
        return convolution(x, kernel, *rest)

    monkeypatch.setattr(operations, "convolution", counted)
    for edits in (Edits(), Edits().switched("convolution_1", 0, off=True)):
        app.session_state["session"].viewed.edits = edits
        for section in SECTIONS:
            [sections] = [one for one in app.get("button_group") if one.label == "Ask the network"]
            passes.clear()
            sections.set_value(section).run()
            assert not app.exception, app.exception
            networks = 2 if edits else 1  # with edits, also the network as it was trained
            assert len(passes) == len(set(passes)) == networks, section


UNITS = {
    "image-map1-row3-column4": Unit("image", 0, 2, 3),
    "convolution_2-map3-row5-column7": Unit("convolution_2", 2, 4, 6),
    "convolution_2-map3": Unit("convolution_2", 2),
    "activation_1-map1-row26-column26": Unit("activation_1", 0, 25, 25),
    "pooling_2-map8-row1-column1": Unit("pooling_2", 7, 0, 0),
    "flatten-unit200": Unit("flatten", 199),
    "dense_1-unit17": Unit("dense_1", 16),
    "dense_activation_1-unit1": Unit("dense_activation_1", 0),
    "logits-unit10": Unit("logits", 9),
    "softmax-unit1": Unit("softmax", 0),
}


def test_an_address_opens_every_kind_of_number(addressed: Callable[..., AppTest]) -> None:
    for text, unit in UNITS.items():
        app = addressed(at=text)
        assert shown(app)["selected"] == vars(unit), text
        assert not app.warning, text
        assert app.query_params["at"] == text


def test_the_numbers_that_only_other_networks_have(addressed: Callable[..., AppTest]) -> None:
    for run, text in (
        ("colored", "image-map3-row12-column12"),
        ("colored", "batch_normalization_1-map2-row1-column1"),
        ("colored", "global_average-unit3"),
        ("two-classes", "logits-unit1"),
    ):
        app = addressed(run=run, at=text)
        assert shown(app)["selected"]["layer"] == text.partition("-")[0], text
        assert not app.warning, text


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"at": "<b>"}, "could not be read"),
        ({"at": "convolution_9-map1"}, "no layer called 'convolution_9'"),
        ({"at": "convolution_2-map3-row99-column7"}, "there is no 'convolution_2-map3-row99"),
        ({"at": "dense_1"}, "could not be read"),
        ({"at": "dense_1-unit0"}, "there is no 'dense_1-unit0'"),
        ({"at": "dense_1-map2"}, "has units"),
        ({"at": "dropout_1-map1", "run": "colored"}, "does nothing after training"),
    ],
)
def test_an_odd_address_gets_a_sentence_and_no_number(
    addressed: Callable[..., AppTest], parameters: dict[str, str], sentence: str
) -> None:
    app = addressed(**parameters)
    assert shown(app)["selected"] is None
    [warning] = app.warning
    assert sentence in warning.value.replace("\\", "")
