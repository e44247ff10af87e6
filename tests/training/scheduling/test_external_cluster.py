"""A Dask cluster that was started by itself: an experiment on it, and one of its workers killed."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.factors import Factor
from cnn.training.experiments.runner import ExperimentRunner
from cnn.training.experiments.store import ExperimentStore
from cnn.training.job import Job
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.training.engines import MANY, until
from tests.training.examples import NETWORK, settings

ROOT = Path(__file__).parents[3]
EXPERIMENT = Experiment(
    Job(NETWORK, MANY.choice, settings(5)), (Factor("batch_size", ("8", "16")),), (1, 2)
)


def started(stack: ExitStack, command: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A process of Dask's as a person starts it; it ends with the test, and its own with it."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{command}", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    stack.callback(killed, process)
    return process


def killed(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started, at once."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    for one in [process, *family]:
        try:
            os.kill(one.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A scheduler that the environment names and its two workers, each started separately."""
    with ExitStack() as stack:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        started(
            stack, "scheduler", "--host", "127.0.0.1", "--port", port, "--dashboard-address", ":0"
        )
        address = f"tcp://127.0.0.1:{port}"
        arguments = (address, "--nworkers", "1", "--nthreads", "2", "--host", "127.0.0.1")
        workers = [
            started(stack, "worker", *arguments, "--dashboard-address", ":0") for _ in range(2)
        ]
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
