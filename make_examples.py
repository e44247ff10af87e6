"""Make the files that come with the app: its images, its run and its experiment.

    python -m make_examples images FOLDER   from the official idx files, in a second
    python -m make_examples run             trains the article's network, in about 30 seconds
    python -m make_examples experiment      does so with ten seeds, in about five minutes

Debian's package dataset-fashion-mnist installs the official files in /usr/share/datasets/fashion-mnist.
"""

import argparse
import shutil
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from cnn.data.example import EXAMPLE_DATASET, EXAMPLE_FILE, example_dataset
from cnn.data.idx import read_images_and_labels
from cnn.data.split import DataChoice, choose, training_data
from cnn.network.presets import ARTICLE
from cnn.storage import write_record
from cnn.training.events import EpochEnd, Point
from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.runner import ExperimentRunner
from cnn.training.experiments.store import EXAMPLES as EXPERIMENTS
from cnn.training.experiments.store import ExperimentStore, Record
from cnn.training.job import Job, Settings
from cnn.training.run import Run, with_point
from cnn.training.scheduling.engine import Engine
from cnn.training.store import EXAMPLES as RUNS
from cnn.training.store import RunStore

NAME = "article"
JOB = Job(ARTICLE, DataChoice(EXAMPLE_DATASET), Settings())
EXPERIMENT = Experiment(JOB, (), tuple(range(1, 11)))
TITLE = "The article's network, ten seeds"
COMMAND = "python -m make_examples experiment"


def make_images(folder: Path, target: Path = EXAMPLE_FILE) -> None:
    """Write the official test images and labels in `folder` to `target`, in official order.

    `target` gets two uint8 arrays, images (n, 28, 28) and labels (n,); the same files give the same
    bytes. Raises DataError when the official files are missing or damaged.
    """
    images, labels = read_images_and_labels(folder, "t10k")
    np.savez_compressed(target, images=images, labels=labels)


def make_run(folder: Path = RUNS, job: Job = JOB) -> Run:
    """Train `job` on the example images and write the run to `folder`, replacing what is there."""
    from cnn.training.worker.task import train

    shutil.rmtree(folder / NAME, ignore_errors=True)
    store = RunStore(folder, examples=folder)
    data = training_data(choose(example_dataset(), job.data))
    now = time.time()
    run = Run(NAME, job, "training", "", created=now, updated=now)

    def report(event: Point | EpochEnd) -> None:
        nonlocal run
        if isinstance(event, Point):
            run = with_point(run, event)
        else:
            run = store.save_epoch(run, event)
            print(f"epoch {event.epoch}: validation accuracy {event.validation_accuracy:.4f}")

    outcome = train(job.network, job.settings, data, None, report, lambda: "go")
    run = replace(run, status=outcome.ending, message=outcome.message, updated=time.time())
    store.save(run)
    shutil.rmtree(folder / NAME / "resume")
    return run


def make_experiment(folder: Path = EXPERIMENTS, experiment: Experiment = EXPERIMENT) -> Record:
    """Run the experiment on the engine and write its results to `folder`; no weights are kept."""
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
    parser = argparse.ArgumentParser(description="Make the files that come with the app.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("images").add_argument("folder", type=Path, help="of the official idx files")
    kinds.add_parser("run")
    kinds.add_parser("experiment")
    asked = parser.parse_args()
    if asked.kind == "images":
        make_images(asked.folder)
    elif asked.kind == "run":
        make_run()
    else:
        for one in make_experiment().results:
            print(f"seed {one.seed}: {one.accuracy:.4f} after {one.epochs} epochs")
