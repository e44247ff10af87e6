"""What is told of a run while it trains."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from cnn.training.events import Point
from cnn.training.run import EpochRecord
from cnn.training.scheduling.engine import Engine
from cnn.training.scheduling.queue import QueuePosition, Standing
from tests.training.examples import new_run


def script(run):  # AppTest runs it without what this file imports
    from cnn.ui.common.live_run import status
    from cnn.ui.state.session import current

    status(current(), run)


@pytest.mark.parametrize(
    ("seconds", "left"),
    [
        ([], "Epoch 0 of 10"),
        ([0.0], "Epoch 0 of 10"),  # epoch 0 is no training
        ([0.0, 4.0], "Epoch 1 of 10, about 34 s left"),  # 8.5 epochs
        ([0.0, 90.0, 4, 4, 4, 4, 4], "Epoch 6 of 10, about 14 s left"),  # the machine is free now
    ],
)
def test_the_time_left_is_that_of_the_epochs_to_come(
    app_engine: Engine, seconds: list[float], left: str
) -> None:
    records = tuple(EpochRecord(at, 1, 0.5, 1, 0.5, 0.01, each) for at, each in enumerate(seconds))
    points = (Point(len(seconds) - 0.5, 1, 0.5),) if len(seconds) > 1 else ()
    run = replace(new_run(epochs=10), epochs=records, points=points)
    [bar] = AppTest.from_function(script, args=(run,)).run().get("progress")
    assert bar.proto.text == left


def test_only_its_own_people_are_told_that_a_run_waits_for_another_of_theirs(
    app_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = replace(new_run(), status="queued")
    position = QueuePosition(2, 60.0, training=1, after_own=True)
    monkeypatch.setattr(app_engine, "position", lambda _: position)
    said = {}
    for standing in (Standing(owner=True, follower=True), Standing()):
        monkeypatch.setattr(app_engine, "standing", lambda *_, one=standing: one)
        [info] = AppTest.from_function(script, args=(run,)).run().info
        said[standing.follower] = info.value
    assert "your" in said[True] and "your" not in said[False]
