"""The calls of the web process: one at a time, in their order, none that was withdrawn."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from cnn.training.run import RunError
from cnn.training.scheduling.engine import Engine
from cnn.training.scheduling.workers import WorkerPool
from tests.training.engines import until


def test_a_call_that_was_withdrawn_never_runs(engine: Engine, tmp_path: Path) -> None:
    door, mark = tmp_path / "door", tmp_path / "mark"
    os.mkfifo(door)
    running = engine.call(Path.read_text, door)  # until somebody writes
    until(running.running)
    withdrawn, last = engine.call(Path.touch, mark), engine.call(divmod, 7, 2)
    assert withdrawn.cancel() and not running.cancel()
    door.write_text("go on")
    assert running.result() == "go on"
    assert last.result() == (3, 1)
    assert not mark.exists()


def test_what_can_wait_lets_others_go_first(engine: Engine, tmp_path: Path) -> None:
    door, said = tmp_path / "door", tmp_path / "said"
    os.mkfifo(door)
    running = engine.call(Path.read_text, door)
    until(running.running)
    calls = [
        engine.call(os.system, f"echo {word} >> {said}", later=word.startswith("later"))
        for word in ("later1", "first", "later2", "second")
    ]
    door.write_text("go on")
    assert [call.result() for call in calls] == [0] * 4
    assert said.read_text().split() == ["first", "second", "later1", "later2"]


class Cluster:
    """A connection to a worker that is busy until it is told."""

    def __init__(self) -> None:
        self.free = threading.Event()

    def submit(self, *_: Any, pure: bool) -> "Cluster":
        return self

    def result(self) -> str:
        self.free.wait()
        return "done"


def test_calls_that_wait_when_the_server_closes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, connected = Cluster(), []
    workforce = WorkerPool(1, None, lambda *_: None)
    monkeypatch.setattr(workforce, "connect", lambda: connected.append(1) or cluster)
    running, waiting = workforce.call(divmod, 7, 2), workforce.call(divmod, 8, 2)
    until(running.running)
    workforce.close()
    with pytest.raises(RunError, match="closed"):
        waiting.result(timeout=0)
    cluster.free.set()
    assert running.result() == "done"
    assert len(connected) == 1
