"""Make the run that comes with the app: the article's network on the article's 8,000 images.

    python -m cnn.training.make_example

trains it as the app does and writes `cnn/training/example/article`, in about 30 seconds.
"""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from cnn.data.example import EXAMPLE_DATASET, example_dataset
from cnn.data.split import DataChoice, choose, training_data
from cnn.network.presets import ARTICLE
from cnn.training.events import EpochEnd, Point
from cnn.training.job import Job, Settings
from cnn.training.run import Run, with_point
from cnn.training.store import EXAMPLES, RunStore
from cnn.training.worker.task import train

NAME = "article"
JOB = Job(ARTICLE, DataChoice(EXAMPLE_DATASET), Settings())


def make(folder: Path, job: Job = JOB) -> Run:
    """Train `job` on the example images and write the run to `folder`, replacing what is there."""
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


if __name__ == "__main__":
    make(EXAMPLES)
