"""Makes the experiment that comes with the app: the article's network with ten seeds.

    python -m cnn.training.experiments.make_example

has it done by the engine, as the Experiments page does, and writes its figures to
`cnn/training/shipped/experiments/article.json`, some five minutes.
"""

import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from cnn.data.dataset import DataChoice, choose
from cnn.data.example import EXAMPLE_DATASET, shipped
from cnn.network.presets import ARTICLE
from cnn.training.codec import encode
from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.runner import ExperimentRunner
from cnn.training.experiments.store import SHIPPED, ExperimentStore, Record
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
    """Have the experiment done, and write its figures into `folder`; no weights are kept."""
    data = choose(shipped(), experiment.base.data)
    with TemporaryDirectory() as place:
        engine = Engine(RunStore(Path(place) / "runs"))
        try:
            store = ExperimentStore(Path(place) / "experiments")
            made = store.create(TITLE, NAME, experiment, len(data.test))
            experimenter = ExperimentRunner(engine, store, lambda _: data)
            experimenter.start(made.id)
            while (standing := experimenter.standing(made.id)).lane.busy:
                time.sleep(0.5)
            if not standing.complete:
                raise SystemExit(f"{len(standing.missing)} runs could not be done.")
        finally:
            engine.close()
    results = sorted(standing.record.results, key=lambda one: one.seed)
    figures = tuple(replace(one, run="") for one in results)
    record = replace(standing.record, id=NAME, owner="", results=figures, command=COMMAND)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.json").write_text(encode(record), encoding="utf-8")
    return record


if __name__ == "__main__":
    for one in make(SHIPPED).results:
        print(f"seed {one.seed}: {one.accuracy:.4f} after {one.epochs} epochs")
