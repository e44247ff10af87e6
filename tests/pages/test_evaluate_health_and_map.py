"""Health and map on the Evaluate page, on the example run and on one that diverged."""

from concurrent.futures import Future

import numpy as np
import pytest

from cnn.data.example import EXAMPLE_DATASET
from cnn.data.split import DataChoice
from cnn.network.spec import ConvolutionBlock, Network
from cnn.training.job import Phase, Settings
from cnn.training.run import RunError
from cnn.ui.state import services
from tests.pages.test_evaluate import kept as saved


def _section(app, name: str):
    app.segmented_control(key="evaluate-section").set_value(name).run()
    assert not app.exception, app.exception


def test_the_example_run_is_healthy_though_saturated(open_page) -> None:
    app = open_page("Evaluate")
    _section(app, "Health")
    [passed] = app.success
    assert "10" in passed.value and "epoch 30" in passed.value
    lines = next(one.value for one in app.markdown if "material/check" in one.value)
    assert lines.count(":material/check:") == 10
    assert "Gradients still arrive" in lines


def test_a_remedy_opens_its_page_with_the_one_change(open_page) -> None:
    app = open_page("Evaluate", run=saved("lost-weights", DataChoice(EXAMPLE_DATASET), np.nan))
    [train] = [one for one in app.button if one.label.startswith("Train again at")]
    train.click().run()
    assert app.title[0].value == "Train"
    session = app.session_state["session"]
    assert session.settings == Settings((Phase(1, 0.0001),))
    assert session.network == Network((ConvolutionBlock(2, 3),), "global_average")


def test_a_group_chosen_by_class_and_prediction_is_counted_and_shown(open_page) -> None:
    app = open_page("Evaluate")
    _section(app, "Map")
    [true] = [one for one in app.selectbox if one.label == "Or choose by actual class"]
    [predicted] = [one for one in app.selectbox if one.label == "and by prediction"]
    true.set_value(6)
    predicted.set_value(-2)
    [button] = [one for one in app.button if one.label == "Select"]
    button.click().run()
    assert not app.exception
    table = app.dataframe[0].value
    selected = next(one.value for one in app.markdown if "selected**" in one.value)
    shirts = int(table.loc[table["class"] == "Shirt", "actual"].iloc[0])
    assert selected == f"**{shirts} selected**, {shirts} of them predicted wrongly."
    assert int(table["predicted"].sum()) == shirts
    assert int(table.loc[table["class"] == "Shirt", "predicted"].iloc[0]) == 0
    app.session_state["session"].viewed.epoch = 3
    app.run()  # the same places on another map are other images
    assert not any("selected**" in one.value for one in app.markdown)


def test_whoever_waits_for_a_worker_that_hangs_is_told_and_may_try_again(
    open_page, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("Evaluate")
    _section(app, "Map")
    given_up = Future[object]()
    asked: list[object] = []

    def hangs(function: object, *_: object, **__: object) -> Future[object]:
        asked.append(function)
        return given_up

    monkeypatch.setattr(services.engine(), "call", hangs)
    [way] = [one for one in app.segmented_control if "t-SNE" in one.options]
    way.set_value("tsne").run()
    assert not app.exception and not app.error and len(asked) == 1
    given_up.set_exception(RunError("This took too long"))
    app.run()
    assert [one.value for one in app.error] == ["This took too long"]
    [again] = [one for one in app.button if one.label == "Try again"]
    again.click().run()
    assert not app.exception and len(asked) == 2
