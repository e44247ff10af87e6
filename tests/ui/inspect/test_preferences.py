"""The panel of what a filter looks for: what it says and shows is what the network computes."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from cnn.data.split import choose
from cnn.inspection.edits import Edits, KernelEdit
from cnn.inspection.forward import forward
from cnn.inspection.units import Unit, from_text
from cnn.training.run import Run
from cnn.ui.state import services
from tests.e2e.reading import check_number
from tests.messages import messages

Values = NDArray[np.float32]

ANSWERS: dict[object, Future[Any]] = {}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a worker is asked is done here and now, once for all tests, for 500 test images."""

    def ask(
        place: str, key: tuple[object, ...], function: Callable[..., Any], *arguments: Any
    ) -> Future[Any]:
        key = (function.__name__, *key)
        if key not in ANSWERS:
            ANSWERS[key] = Future()
            ANSWERS[key].set_result(function(*arguments))
        return ANSWERS[key]

    whole = services.chosen(article().job.data)
    few = choose(whole.dataset, replace(whole.choice, train_share=0.95))
    monkeypatch.setattr(services, "ask", ask)
    monkeypatch.setattr(services, "chosen", lambda choice: few)
    yield


def panel() -> None:
    """The panel alone, on a page of its own."""
    import streamlit as st

    from cnn.ui.inspect.image_choice import original
    from cnn.ui.inspect.preferences import preferences
    from cnn.ui.inspect.view import view
    from cnn.ui.state import services
    from cnn.ui.state.session import Session

    session = st.session_state.setdefault("session", Session())
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    preferences(session, view(session, run, run.last_epoch, original(session, data)))


def shown(unit: str | None = None, edits: Edits | None = None) -> AppTest:
    """The panel for a unit of the example network."""
    from cnn.ui.state.session import Session, Viewed

    app = AppTest.from_function(panel, default_timeout=60)
    app.session_state["session"] = Session(viewed=Viewed(unit=unit, edits=edits or Edits()))
    app.run()
    assert not app.exception, app.exception
    return app


def article() -> Run:
    return services.run_store().run(services.EXAMPLE_RUN)


def outputs(layer: str, count: int | None = None) -> Values:
    """What the example network computes for the test images."""
    run = article()
    data = services.chosen(run.job.data)
    images = data.dataset.images[data.test[:count]]
    parts = [
        forward(services.run_plan(run), services.weights(run.id, run.last_epoch), some)[layer]
        for some in np.array_split(images, 10)
    ]
    return np.concatenate(parts)


def heads(app: AppTest) -> list[tuple[dict[str, Any], bytes]]:
    """Head and body of every row of patches, in order."""
    return list(messages(app))


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.caption, *app.info))


def box(app: AppTest, label: str) -> Any:
    [found] = [one for one in app.selectbox if one.label == label]
    return found


def test_without_a_unit_the_last_convolution_s_first_map_is_shown() -> None:
    app = shown("none")
    assert box(app, "Layer").value == "convolution_2" and box(app, "Map").value == 0
    values = outputs("convolution_2")[..., 0]
    data = services.chosen(article().job.data)
    (most, body), (least, _), (pictures, _) = heads(app)
    strongest = values.max(axis=(1, 2))
    order = np.argsort(-strongest)[:12]
    assert [one["number"] for one in most["patches"]] == [f"image {data.test[n]}" for n in order]
    check_number(most["patches"][0]["value"], float(strongest.max()))
    check_number(least["patches"][0]["value"], float(values.min()))
    # The receptive field of a cell of the second convolution is 8 x 8, every other pixel apart.
    row, column = (2 * int(n) for n in np.argwhere(values[order[0]] == strongest[order[0]])[0])
    image = data.dataset.images[data.test[order[0]]]
    seen = np.frombuffer(body[: 8 * 8 * 4], np.uint8).reshape(8, 8, 4)
    np.testing.assert_array_equal(seen[..., :1], image[row : row + 8, column : column + 8])
    assert (seen[..., 3] == 255).all()
    assert [one["value"] for one in pictures["patches"]] == ["Start", "Result"]
    assert "8 × 8 pixels" in said(app)


def test_the_classes_named_are_those_with_the_extreme_means() -> None:
    text = said(shown("dense_1-unit17"))
    data = services.chosen(article().job.data)
    values, labels = outputs("dense_1")[:, 16], data.labels[data.test]
    means = [values[labels == label].mean() for label in range(len(data.classes))]
    best, worst = data.classes[int(np.argmax(means))], data.classes[int(np.argmin(means))]
    plain = text.replace("\\", "")
    assert f"most to **{best}**" in plain and f"least to **{worst}**" in plain
    assert "sees the whole image" in text


def test_the_session_s_unit_moves_the_choice_and_the_choice_the_session() -> None:
    app = shown("activation_1-map3-row2-column5")
    assert (box(app, "Layer").value, box(app, "Map").value) == ("activation_1", 2)
    box(app, "Layer").set_value("dense_1").run()
    assert app.session_state["session"].viewed.unit == "dense_1-unit3"
    assert (box(app, "Layer").value, box(app, "Unit").value) == ("dense_1", 2)
    box(app, "Unit").set_value(40).run()
    assert app.session_state["session"].viewed.unit == "dense_1-unit41"
    app.session_state["session"].viewed.unit = "pooling_2-map8"
    app.run()
    assert (box(app, "Layer").value, box(app, "Map").value) == ("pooling_2", 7)
    assert not app.exception


@pytest.mark.parametrize(
    ("unit", "layer", "channel"),
    [
        ("softmax-unit4", "logits", 3),
        ("image-map1-row2-column3", "convolution_2", 0),
        ("flatten-unit3", "convolution_2", 0),
    ],
)
def test_what_has_no_preference_of_its_own_gives_way(unit: str, layer: str, channel: int) -> None:
    app = shown(unit)
    kind = "Map" if layer == "convolution_2" else "Unit"
    assert (box(app, "Layer").value, box(app, kind).value) == (layer, channel)


def test_a_jump_leads_to_the_very_image_and_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnn.inspection.features.preference import preference
    from cnn.ui.inspect import preferences
    from cnn.ui.inspect.image_choice import original
    from cnn.ui.inspect.view import view
    from cnn.ui.state.session import ImageSource, Session, Viewed

    run, session = article(), Session(viewed=Viewed(image=5), source=ImageSource("drawing"))
    data = services.chosen(run.job.data)
    here = view(session, run, run.last_epoch, original(session, data))
    some = data.test[:40]
    labels = data.labels[some]
    found = preference(here.plan, here.weights, "pooling_1", data.dataset.images[some], labels).most
    jumps: list[Callable[[int], None]] = []
    monkeypatch.setattr(preferences, "patches", lambda shown, key, jump: jumps.append(jump))
    preferences.extremes(session, here, Unit("pooling_1", 1), found, "key")
    jumps[0](3)
    values = outputs("pooling_1", 40)[..., 1]
    fourth = np.argsort(-values.max(axis=(1, 2)), kind="stable")[3]
    assert (session.viewed.image, session.source.kind) == (data.test[fourth], "test image")
    assert session.viewed.unit is not None
    unit = from_text(session.viewed.unit, here.plan)
    assert unit.row is not None and unit.column is not None
    assert values[fourth, unit.row, unit.column] == pytest.approx(values[fourth].max(), abs=1e-5)


ZEROS = KernelEdit("convolution_1", 0, 0, (0.0,) * 9)


def test_a_filter_that_is_off_is_told_to_be_dead_and_has_nowhere_to_climb() -> None:
    app = shown("convolution_1-map1", Edits(off=(("convolution_1", 0),)))
    text = said(app)
    assert re.search(r"gives 0 everywhere on all 500 test images\. It is dead", text)
    assert "The gradient is 0 for every pixel" in text
    assert not heads(app)


def test_a_kernel_of_zeros_makes_a_constant_map() -> None:
    text = said(shown("convolution_1-map1", Edits(kernels=(ZEROS,))))
    assert "No image excites it more than another" in text


def test_weights_that_diverged_get_a_sentence() -> None:
    broken = KernelEdit("convolution_1", 0, 0, (float("nan"),) * 9)
    text = said(shown("convolution_1-map1", Edits(kernels=(broken,))))
    assert "infinite or not a number. The training has diverged" in text
    assert "there is no direction to go" in text


def test_equals_at_the_lower_end_are_told() -> None:
    app = shown("activation_2-map1")
    reach = int((outputs("activation_2")[..., 0].min(axis=(1, 2)) == 0).sum())
    told = [one.value for one in app.caption if "share the value" in one.value]
    assert any(value.replace(",", "").startswith(f"{reach} of the 500") for value in told)


def test_the_climb_tells_its_start_and_is_held_against_the_test_images() -> None:
    app = shown("convolution_2-map1")
    text = said(app)
    assert "Convolution 2, map 1, the cell in the middle (row 6, column 6)" in text
    assert "starts from gray (0.5 everywhere" in text and "at most 100 steps" in text
    strongest = outputs("convolution_2")[..., 0].max(axis=(1, 2))
    told = re.findall(r"image (\d+) .+ in the strongest cell of the map: (\d+\.\d+)", text)
    [(image, reaches)] = told
    assert int(image) == services.chosen(article().job.data).test[strongest.argmax()]
    check_number(reaches, float(strongest.max()))
    [start] = [one for one in app.get("button_group") if one.label == "Start from"]
    start.set_value("image").run()
    assert "starts from the chosen image" in said(app)
