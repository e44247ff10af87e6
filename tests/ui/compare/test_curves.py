"""The curves of compared runs: where their marks and labels are."""

from dataclasses import replace
from typing import Any

import pytest

from cnn.training.run import EpochRecord, Run
from cnn.ui.common.charts import history, history_table
from cnn.ui.compare.curves import history_charts
from cnn.ui.compare.run_library import Compared
from tests.training.examples import new_run


def run(worse_by: float, **changes: Any) -> Run:
    """A finished run whose validation loss is lowest after epoch 2, and whose gap does not grow."""
    losses = (2.0, 0.9, 0.5, 0.6)
    records = tuple(
        EpochRecord(at, loss + worse_by, 0.8, loss + worse_by, 0.8 - worse_by, 0.01, 1)
        for at, loss in enumerate(losses)
    )
    return replace(new_run(), **({"status": "done", "epochs": records} | changes))


def marks(runs: list[Run], measure: str, kind: str) -> list[dict[str, Any]]:
    named = [Compared(one, f"run {place}") for place, one in enumerate(runs)]
    spec = history_charts(named)[measure][0].to_dict()
    return [
        layer["mark"] | spec["datasets"][layer["data"]["name"]][0]
        for layer in spec["layer"]
        if layer["mark"]["type"] == kind
    ]


@pytest.mark.parametrize(("measure", "higher"), [("loss", 1), ("accuracy", 0)])
def test_each_of_two_runs_has_its_labels_on_its_own_side(measure: str, higher: int) -> None:
    labels = marks([run(0), run(0.1)], measure, "text")
    assert [one["epoch"] for one in labels] == [2, 2]
    assert [one["dy"] < 0 for one in labels] == [place == higher for place in (0, 1)]


def test_the_points_of_many_runs_are_on_their_curves_without_labels() -> None:
    runs = [run(0), run(0.1), run(0.2)]
    points = marks(runs, "loss", "point")
    assert [one["loss"] for one in points] == [one.epochs[2].validation_loss for one in runs]
    assert not marks(runs, "loss", "text")


def test_a_run_that_goes_on_has_no_mark_yet() -> None:
    waiting = run(0, status="queued", epochs=())
    assert len(marks([run(0), run(0.1, status="training"), waiting], "loss", "point")) == 1


def dashes(spec: dict[str, Any]) -> dict[str, list[int]]:
    """How a chart draws each of the sets that its curves are measured on."""
    channels = [layer["encoding"].get("strokeDash") for layer in spec["layer"]]
    [scale] = [channel["scale"] for channel in channels if channel]
    return dict(zip(scale["domain"], scale["range"], strict=True))


@pytest.mark.parametrize("measure", ["loss", "accuracy"])
def test_each_set_is_drawn_as_in_the_chart_of_a_single_run(measure: str) -> None:
    single = history(history_table(run(0)), measure, 3, None).to_dict()
    compared = [Compared(run(0), "a"), Compared(run(0.1), "b")]
    assert dashes(history_charts(compared)[measure][0].to_dict()) == dashes(single)
