"""Make the experiment that comes with the app: the article's network with ten seeds.

    python -m cnn.training.experiments.make_example

runs it on the engine, as the Experiments page does, and writes its results to
`cnn/training/example/experiments/article.json`, in about five minutes.
"""

import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from cnn.data.example import EXAMPLE_DATASET, example_dataset
from cnn.data.split import DataChoice, choose
from cnn.network.presets import ARTICLE
from cnn.storage import write_record
from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.runner import ExperimentRunner
from cnn.training.experiments.store import EXAMPLES, ExperimentStore, Record
from cnn.training.job import Job, Settings
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore

NAME = "article"
TITLE = "The article's network, ten seeds"
COMMAND = "python -m cnn.training.experiments.make_example"
EXPERIMENT = Experiment(
    Job(ARTICLE, DataChoice(EXAMPLE_DATASET), Settings()), (), tuple(range(1, 11))
)


def make(folder: Path, experiment: Experiment = EXPERIMENT) -> Record:
    """Run the experiment and write its results to `folder`; no weights are kept."""
    data = choose(example_dataset(), experiment.base.data)
    with TemporaryDirectory() as place:
        engine = Engine(RunStore(Path(place) / "runs"))
        try:
            store = ExperimentStore(Path(place) / "experiments")
            made = store.create(TITLE, NAME, experiment, len(data.test))
            runner = ExperimentRunner(engine, store, lambda _: data)
            runner.start(made.id)
            while (status := runner.status(made.id)).background.busy:
                time.sleep(0.5)
            if not status.complete:
                raise SystemExit(f"{len(status.missing)} runs could not be done.")
        finally:
            engine.close()
    results = sorted(status.record.results, key=lambda one: one.seed)
    figures = tuple(replace(one, run="") for one in results)
    record = replace(status.record, id=NAME, owner="", results=figures, command=COMMAND)
    write_record(folder / f"{NAME}.json", record)
    return record


if __name__ == "__main__":
    for one in make(EXAMPLES).results:
        print(f"seed {one.seed}: {one.accuracy:.4f} after {one.epochs} epochs")
