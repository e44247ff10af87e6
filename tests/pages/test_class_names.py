"""Class names come from somebody's file: on every page they are shown letter by letter."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.data.dataset import DataChoice, Dataset
from cnn.network.plan import plan
from cnn.network.spec import ConvolutionBlock, Network
from cnn.training.events import EpochEnd
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Run
from cnn.ui import services, words
from tests.pages.conftest import Open
from tests.strategies import random_weights

NAMES = ("![one](http://one.example/x.png)", "**two** $x$")


@pytest.fixture
def run() -> str:
    """A run of one epoch on images of two classes with such names."""
    images = np.random.default_rng(1).integers(0, 256, (80, 28, 28, 1), np.uint8)
    services.data_store().add(Dataset(NAMES[0], "odd-names", images, np.arange(80) % 2, NAMES, ""))
    network = Network((ConvolutionBlock(2, 3),), "global_average")
    weights = random_weights(plan(network, (28, 28, 1), 2), 1)
    job = Job(network, DataChoice("odd-names"), Settings((Phase(1, 0.001),)))
    store, made = services.run_store(), Run("odd-names", job, "done", "", 1.0, 1.0)
    store.save(made)
    store.save(store.save_epoch(made, EpochEnd(0, 0.7, 0.5, 0.7, 0.5, 0.001, 1, weights, b"")))
    return made.id


def check(app: AppTest) -> None:
    """A name is told, and none is read as Markdown."""
    assert not app.exception, app.exception
    elements = [*app.subheader, *app.markdown, *app.caption, *app.info, *app.warning, *app.success]
    text = "\n".join(one.value for one in elements)
    assert not [name for name in NAMES if name in text]
    assert any(words.escaped(name) in text for name in NAMES)


def test_data(open_page: Open, run: str) -> None:
    app = open_page("Data", run=run)
    app.session_state["session"].data = DataChoice("odd-names")
    app.run()
    check(app)


@pytest.mark.parametrize("section", ["What does it look for?", "Why this class?"])
def test_inspect(open_page: Open, run: str, section: str) -> None:
    app = open_page("Inspect", run=run)
    app.session_state["session"].unit = "logits-unit1"
    [choice] = [one for one in app.get("button_group") if section in one.options]
    choice.set_value(section).run()
    check(app)


@pytest.mark.parametrize("cell", [(0, 0), (0, 1)])
def test_evaluate(open_page: Open, run: str, cell: tuple[int, int]) -> None:
    app = open_page("Evaluate", run=run)
    app.session_state[f"evaluate-cell-{'-'.join(NAMES)}"] = cell
    app.run()
    check(app)
