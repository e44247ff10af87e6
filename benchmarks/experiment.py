"""How much faster two workers do an experiment than one, each with a core of its own.

Twelve short runs of the article's network. Each number of workers does one experiment unmeasured
first, for TensorFlow takes its time to be loaded.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import Numbers, Rows
from benchmarks._cluster import cluster
from cnn.data.example import EXAMPLE_DATASET, example_dataset
from cnn.data.split import DataChoice, choose
from cnn.network.presets import ARTICLE
from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.factors import Factor
from cnn.training.experiments.runner import ExperimentRunner
from cnn.training.experiments.store import ExperimentStore
from cnn.training.job import Job, Phase, Settings
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore

_EPOCHS = 4
_SEEDS = (1, 2, 3, 4, 5, 6)
_POOLING = Factor("pooling", ("max", "average"))


def run() -> tuple[Rows, Numbers]:
    """Do the same experiment on one worker and on two."""
    rows: Rows = [("workers", "runs", "seconds", "mean accuracy")]
    seconds = {}
    for workers in (1, 2):
        seconds[workers], accuracies = _measured(workers)
        mean = sum(accuracies) / len(accuracies)
        rows.append((f"{workers}", f"{len(accuracies)}", f"{seconds[workers]:.1f}", f"{mean:.4f}"))
    return rows, {
        "speedup": seconds[1] / seconds[2],
        "one_worker_s": seconds[1],
        "two_workers_s": seconds[2],
    }


def _measured(workers: int) -> tuple[float, list[float]]:
    """Seconds for the experiment, and the accuracies it gives."""
    base = Job(ARTICLE, DataChoice(EXAMPLE_DATASET), Settings((Phase(_EPOCHS),)))
    with TemporaryDirectory() as folder, cluster(workers) as scheduler:
        engine = Engine(RunStore(Path(folder) / "runs"), scheduler=scheduler)
        try:
            while not _all_there(engine, workers):
                time.sleep(0.2)
            _done(engine, Path(folder), Experiment(base, (_POOLING,), (101, 102)))
            began = time.perf_counter()
            accuracies = _done(engine, Path(folder), Experiment(base, (_POOLING,), _SEEDS))
            return time.perf_counter() - began, accuracies
        finally:
            engine.close()


def _all_there(engine: Engine, workers: int) -> bool:
    """Whether every worker has come and measured how fast it is."""
    return engine.workers == workers and engine.speed_factor is not None


def _done(engine: Engine, folder: Path, experiment: Experiment) -> list[float]:
    """Have an experiment done; returns the accuracy of each run."""
    data = choose(example_dataset(), experiment.base.data)
    store = ExperimentStore(folder / "experiments")
    runner = ExperimentRunner(engine, store, lambda _: data)
    made = store.create("Benchmark", "benchmark", experiment, len(data.test))
    runner.start(made.id)
    while runner.status(made.id).background.busy:
        time.sleep(0.05)
    assert runner.status(made.id).complete
    return [one.accuracy for one in store.record(made.id).results]
