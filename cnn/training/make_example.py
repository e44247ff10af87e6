"""Makes the run that comes with the app: the article's network on the article's 8,000 images.

    python -m cnn.training.make_example

trains it as the app does and writes `cnn/training/shipped/article`, some 30 seconds.
"""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from cnn.data.dataset import DataChoice, choose, training_arrays
from cnn.data.example import EXAMPLE_DATASET, shipped
from cnn.network.presets import ARTICLE
from cnn.training.events import EpochEnd, Point, TrainingData
from cnn.training.job import Job, Settings
from cnn.training.run import Run, with_point
from cnn.training.store import SHIPPED, RunStore
from cnn.training.worker.task import train

NAME = "article"


def make(folder: Path) -> Run:
    """Train and write the run into `folder`, in the place of one that is there."""
    shutil.rmtree(folder / NAME, ignore_errors=True)
    store = RunStore(folder, shipped=folder)
    job = Job(ARTICLE, DataChoice(EXAMPLE_DATASET), Settings())
    data = choose(shipped(), job.data)
    now = time.time()
    run = Run(NAME, job, "training", "", created=now, updated=now)

    def report(event: Point | EpochEnd) -> None:
        nonlocal run
        if isinstance(event, Point):
            run = with_point(run, event)
        else:
            run = store.save_epoch(run, event)
            print(f"epoch {event.epoch}: validation accuracy {event.validation_accuracy:.4f}")

    arrays = TrainingData(*training_arrays(data), len(data.classes))
    outcome = train(job.network, job.settings, arrays, None, report, lambda: "go")
    run = replace(run, status=outcome.ending, message=outcome.message, updated=time.time())
    store.save(run)
    shutil.rmtree(folder / NAME / "resume")
    return run


if __name__ == "__main__":
    make(SHIPPED)
