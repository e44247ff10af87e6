"""The panel that changes the network, clicked through without a browser."""

import math
import time
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.inspection.classic_kernels import CLASSIC_KERNELS
from cnn.inspection.edits import Edits, KernelEdit, edited
from cnn.training.scheduling.engine import Engine
from cnn.ui.inspect import changes as changes_module
from cnn.ui.inspect.effect import accuracies, verdict
from cnn.ui.inspect.view import InputImage, edit_kernels, view
from cnn.ui.state import services
from tests.evaluation.predicting import predict

SOBEL = next(one for one in CLASSIC_KERNELS if one.name == "Sobel, vertical edges").sized(3)


def script() -> None:
    from cnn.ui.inspect.changes import changes
    from cnn.ui.inspect.view import InputImage, view
    from cnn.ui.state import services
    from cnn.ui.state.session import current

    session = current()
    session.viewed.unit = session.viewed.unit or "convolution_1-map1-row1-column1"
    run = services.engine().run(session.viewed.run_id)
    data = services.chosen(run.job.data)
    pixels = data.dataset.images[data.test[0]]
    epoch = run.kept[-1] if session.viewed.epoch is None else session.viewed.epoch
    changes(session, view(session, run, epoch, InputImage(pixels, None, "The image")))


@pytest.fixture(autouse=True)
def _engine(app_engine: Engine) -> None:
    """Its runs are read, and trainings begun."""


@pytest.fixture
def panel() -> AppTest:
    app = AppTest.from_function(script, default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def session(app: AppTest):
    return app.session_state["session"]


def click(app: AppTest, label: str) -> AppTest:
    [button] = [one for one in app.button if one.label == label]
    button.click().run()
    assert not app.exception, app.exception
    return app


def part(app: AppTest, name: str) -> AppTest:
    app.segmented_control(key="changes-part").set_value(name).run()
    assert not app.exception, app.exception
    return app


def told(app: AppTest) -> str:
    return " ".join(one.value for kind in (app.markdown, app.caption) for one in kind)


def until(app: AppTest, condition: Callable[[], bool]) -> None:
    """Run the panel as the browser's timer would until a condition holds."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.1)
        app.run()
        assert not app.exception, app.exception
    raise AssertionError(told(app))


def edit(app: AppTest, filter: str, *kernels: object) -> AppTest:
    """Have the browser change kernels of a filter: pairs of a channel and what it is to be."""
    run = services.engine().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    image = InputImage(data.dataset.images[data.test[0]], None, "The image")
    edit_kernels(session(app), view(session(app), run, run.kept[-1], image), filter, [*kernels])
    app.run()
    assert not app.exception, app.exception
    return app


def kernel_now(app: AppTest) -> np.ndarray:
    run = services.engine().run(services.EXAMPLE_RUN)
    weights = services.edited_weights(run, run.kept[-1], session(app).viewed.edits)
    return services.run_plan(run).split(weights)["convolution_1/kernel"][:, :, 0, 0]


def test_a_number_typed_over_changes_the_network_and_its_accuracy(panel: AppTest) -> None:
    trained = kernel_now(panel)
    expected = trained.copy()
    expected[1, 2], expected[0, 0] = 5.5, -3
    edit(panel, "convolution_1-map1", (0, expected.ravel().tolist()))
    np.testing.assert_array_equal(kernel_now(panel), expected)
    assert "1 kernel changed" in told(panel)
    until(panel, lambda: "as changed (95" in told(panel))
    run = services.engine().run(services.EXAMPLE_RUN)
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    weights = services.weights(run.id, 30)
    changed = edited(plan, weights, session(panel).viewed.edits)
    before, now = (predict(plan, one, data).correct for one in (weights, changed))
    assert accuracies(before, now) in told(panel)
    edit(panel, "convolution_1-map1", (0, trained.ravel().tolist()))
    assert session(panel).viewed.edits == Edits()  # the trained numbers are no change


@pytest.mark.parametrize(
    "sent",
    [
        ("convolution_1-map1", (0, [math.nan] * 9)),
        ("convolution_1-map1", (0, [1e300] * 9)),
        ("convolution_1-map1", (0, [1, 2, 3])),
        ("convolution_1-map1", (0, [None] * 9)),
        ("convolution_1-map1", (0, "no classic")),
        ("convolution_1-map1", (7, "Identity")),
        ("convolution_1-map1", "Identity"),
        ("convolution_9-map1", (0, "Identity")),
        ("dense_1-unit1", (0, "Identity")),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_what_cannot_be_is_ignored(panel: AppTest, sent: tuple[str, object]) -> None:
    edit(panel, *sent)
    assert session(panel).viewed.edits == Edits()


def test_a_classic_kernel_is_loaded_and_put_back(panel: AppTest) -> None:
    trained = kernel_now(panel)
    edit(panel, "convolution_1-map1", (0, "Sobel, vertical edges"))
    np.testing.assert_array_equal(kernel_now(panel), SOBEL)
    edit(panel, "convolution_2-map7", (0, "Identity"), (3, "Outline"))
    edits = session(panel).viewed.edits
    identity = KernelEdit("convolution_2", 6, 0, (0, 0, 0, 0, 1, 0, 0, 0, 0))
    assert edits.kernel("convolution_2", 6, 0) == identity
    assert "3 kernels changed" in told(panel)
    edit(panel, "convolution_1-map1", (0, "trained"))
    np.testing.assert_array_equal(kernel_now(panel), trained)
    click(panel, "Undo all changes")
    assert session(panel).viewed.edits == Edits()


def test_the_filter_to_edit_is_the_one_that_the_network_view_shows(panel: AppTest) -> None:
    [box] = panel.selectbox
    assert box.value is None  # a cell is chosen, no filter
    box.set_value("convolution_2-map7").run()
    assert session(panel).viewed.unit == "convolution_2-map7"
    session(panel).viewed.unit = "convolution_1-map3"
    panel.run()
    assert panel.selectbox[0].value == "convolution_1-map3"


def test_filters_are_switched_off_and_on(panel: AppTest) -> None:
    part(panel, "switch")
    pills = panel.pills(key="filters-on-article-convolution_2")
    assert pills.value == list(range(8))
    pills.set_value([0, 1, 3, 4, 5, 7]).run()
    assert session(panel).viewed.edits == Edits(off=(("convolution_2", 2), ("convolution_2", 6)))
    assert "2 filters off" in told(panel)
    panel.pills(key="filters-on-article-convolution_2").set_value(list(range(8))).run()
    assert session(panel).viewed.edits == Edits()
    part(panel, "kernel")
    session(panel).viewed.edits = Edits().switched("convolution_1", 0, off=True)
    panel.run()
    assert "This filter is off" in panel.info[0].value
    assert not kernel_now(panel).any()


def test_filters_are_ranked_and_switched_off_with_one_click(panel: AppTest) -> None:
    part(panel, "rank")
    click(panel, "Rank the filters")
    until(panel, lambda: bool(panel.data_editor))
    table = panel.data_editor[0].value
    assert len(table) == 12
    shares = list(table["accuracy without it"])
    assert shares == sorted(shares)
    run = services.engine().run(services.EXAMPLE_RUN)
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    titles = {"Convolution 1": "convolution_1", "Convolution 2": "convolution_2"}
    for _, row in table.iloc[[0, -1]].iterrows():
        title, _, number = row["filter"].partition(", filter ")
        off = Edits().switched(titles[title], int(number) - 1, off=True)
        weights = edited(plan, services.weights(run.id, 30), off)
        assert row["accuracy without it"] == predict(plan, weights, data).accuracy
    panel.session_state[panel.data_editor[0].key] = {
        "edited_rows": {0: {"on": False}},
        "added_rows": [],
        "deleted_rows": [],
    }
    panel.run()
    title, _, number = table["filter"][0].partition(", filter ")
    assert session(panel).viewed.edits.off == ((titles[title], int(number) - 1),)
    assert "before your last change" in panel.info[0].value
    assert not panel.data_editor[0].value["on"][0]


def test_a_ranking_that_is_stopped_keeps_what_is_known(
    panel: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn.ui.inspect.effect.images_per_call", lambda plan: 40)
    part(panel, "rank")
    click(panel, "Rank the filters")
    until(panel, lambda: bool(panel.get("vega_lite_chart")))
    click(panel, "Stop (keeps results)")
    assert "of the first " in told(panel) and "of 2,000 test images are predicted" in told(panel)
    assert len(panel.data_editor[0].value) == 12
    assert [one.label for one in panel.button if "Rank" in one.label] == ["Rank again"]


def test_training_on_begins_with_the_changed_network(
    panel: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    monkeypatch.setattr(changes_module.st, "switch_page", gone.append)
    edit(panel, "convolution_1-map1", (0, "Outline"))
    weights = services.edited_weights(
        services.engine().run(services.EXAMPLE_RUN), 30, session(panel).viewed.edits
    )
    panel.number_input(key="edited-epochs-article").set_value(1)
    click(panel, "Train on from here")
    assert gone == ["pages/4_Train.py"]
    run_id = session(panel).viewed.run_id
    assert session(panel).viewed.edits == Edits() and run_id != services.EXAMPLE_RUN
    end = time.monotonic() + 60
    while services.engine().run(run_id).live and time.monotonic() < end:
        time.sleep(0.1)
    run = services.engine().run(run_id)
    assert run.status == "done" and run.kept == (0, 1)
    np.testing.assert_array_equal(services.run_store().weights(run_id, 0), weights)


def test_what_the_engine_refuses_is_told_here(
    panel: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn.training.scheduling.limits.MOST_SECONDS", 0.0)
    edit(panel, "convolution_1-map1", (0, "Outline"))
    click(panel, "Train on from here")
    assert "The limit here is 0 minutes" in panel.error[0].value
    assert session(panel).viewed.edits


@pytest.mark.parametrize(
    ("lost", "gained", "words"),
    [
        (0, 0, "no difference"),
        (5, 4, "within chance"),
        (40, 3, "worse, beyond chance"),
        (3, 40, "better, beyond chance"),
    ],
)
def test_the_verdict_weighs_lost_against_gained(lost: int, gained: int, words: str) -> None:
    assert verdict(lost, gained) == words
    before = np.arange(100) >= gained
    now = before.copy()
    now[:gained], now[100 - lost :] = True, False
    told = accuracies(before, now)
    assert f"{lost} went from right to wrong and {gained} from wrong" in told and words in told
