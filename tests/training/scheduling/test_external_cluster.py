"""A Dask cluster that was started by itself: an experiment on it, and one of its workers killed."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.factors import Factor
from cnn.training.experiments.runner import ExperimentRunner
from cnn.training.experiments.store import ExperimentStore
from cnn.training.job import Job
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.training.clusters import cluster, killed
from tests.training.engines import MANY, until
from tests.training.examples import NETWORK, settings

EXPERIMENT = Experiment(
    Job(NETWORK, MANY.choice, settings(5)), (Factor("batch_size", ("8", "16")),), (1, 2)
)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A scheduler that the environment names and its two workers, each started separately."""
    with ExitStack() as stack:
        address, workers = cluster(stack, 2)
        monkeypatch.setenv("CNN_PLAYGROUND_SCHEDULER", address)
        yield workers


def test_an_experiment_survives_the_death_of_a_worker_and_gives_the_numbers_of_this_machine(
    workers: list[subprocess.Popen[bytes]], engine: Engine, tmp_path: Path
) -> None:
    store = ExperimentStore(tmp_path / "experiments")
    elsewhere = Engine(RunStore(tmp_path / "runs"))
    try:
        until(lambda: elsewhere.workers == 2)
        runner = ExperimentRunner(elsewhere, store, lambda _: MANY)
        made = store.create("Far away", "ann", EXPERIMENT, len(MANY.test))
        runner.start(made.id)

        def begun() -> set[str]:
            # One without a whole epoch would begin anew, as another run.
            return {run.id for run in elsewhere.background(made.id).training if run.last_epoch >= 1}

        until(lambda: bool(begun()))
        before = begun()
        killed(workers[0])
        until(lambda: runner.status(made.id).complete)
        until(lambda: elsewhere.workers == 1)
    finally:
        elsewhere.close()
    results = store.record(made.id).results
    assert [one.ending for one in results] == ["done"] * 4
    assert before <= {one.run for one in results}

    local = store.create("Here", "ann", EXPERIMENT, len(MANY.test))
    runner = ExperimentRunner(engine, store, lambda _: MANY)
    runner.start(local.id)
    until(lambda: runner.status(local.id).complete)
    expected = {
        (one.levels, one.seed): (one.accuracy, one.loss) for one in store.record(local.id).results
    }
    assert {(one.levels, one.seed): (one.accuracy, one.loss) for one in results} == expected
