"""What of an experiment is still to be done, and what the engine is asked for."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from cnn.network.spec import ConvolutionBlock, Network
from cnn.training.experiments.experiment import Experiment, Planned, Result
from cnn.training.experiments.runner import ExperimentRunner
from cnn.training.experiments.store import ExperimentStore
from cnn.training.job import Job
from cnn.training.scheduling.background import BackgroundStatus, BackgroundTask
from tests.training.examples import chosen, new_run, settings

DATA = chosen()
EXPERIMENT = Experiment(
    Job(Network((ConvolutionBlock(2, 3),)), DATA.choice, settings(4)), (), (5, 3, 9, 1)
)


class Engine:
    """The part of an engine that experiments use; it only writes down what it was asked for."""

    worker_memory = 4e9

    def __init__(self) -> None:
        self.asked: dict[str, Sequence[BackgroundTask]] = {}
        self.lane = BackgroundStatus()

    def background(self, _: str) -> BackgroundStatus:
        return self.lane

    def submit_background(self, owner: str, tasks: Sequence[BackgroundTask]) -> None:
        self.asked[owner] = tasks


def ended(planned: Planned, ending: str) -> Result:
    return Result(planned.levels, planned.seed, "", ending, "", 4, 0.5, 1.0, 10, 2.0)


def test_only_runs_that_came_to_their_end_are_not_asked_for_again(tmp_path: Path) -> None:
    engine, store = Engine(), ExperimentStore(tmp_path, examples=tmp_path / "none")
    runner = ExperimentRunner(engine, store, lambda _: DATA)  # type: ignore[arg-type]
    made = store.create("Seeds", "ann", EXPERIMENT, 40)
    planned = runner.status(made.id).planned
    for one, ending in zip(planned, ["done", "diverged", "failed", "stopped"], strict=True):
        store.add(made.id, ended(one, ending))
    status = runner.status(made.id)
    assert status.missing == planned[2:] and not status.complete
    runner.start(made.id)
    tasks = engine.asked[made.id]
    assert [one.job for one in tasks] == [one.job for one in planned[2:]]
    for task, one in zip(tasks, planned[2:], strict=True):
        assert task.epoch_seconds * 4 == pytest.approx(one.seconds)
        task.on_end(new_run())
    assert [one.seed for one in store.record(made.id).results] == [5, 3, 9, 1]
    assert store.record(made.id).results[2].ending == "interrupted"  # the run was still live


def test_a_busy_experiment_is_not_asked_for_twice(tmp_path: Path) -> None:
    engine, store = Engine(), ExperimentStore(tmp_path, examples=tmp_path / "none")
    runner = ExperimentRunner(engine, store, lambda _: DATA)  # type: ignore[arg-type]
    made = store.create("Seeds", "ann", EXPERIMENT, 40)
    engine.lane = BackgroundStatus(waiting=1)
    runner.start(made.id)
    assert engine.asked == {}
