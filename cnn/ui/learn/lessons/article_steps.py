"""The article's code in its eight steps: the exported script, cut where each of them begins."""

from dataclasses import replace
from itertools import pairwise
from math import ceil

from cnn.data.split import ChosenData
from cnn.network.plan import plan
from cnn.training.job import Job
from cnn.training.script import script
from cnn.ui.learn.lessons.article_words import STEPS, Step


def steps(job: Job, data: ChosenData) -> tuple[Step, ...]:
    """The steps with their code: together they are the exported script of the job."""
    text = script(job, data)
    starts = [0, *(text.index(f"\n{step.begins}") + 1 for step in STEPS[1:]), len(text)]
    after = _after(job, data)
    return tuple(
        replace(step, code=text[start:end], after=told)
        for step, (start, end), told in zip(STEPS, pairwise(starts), after, strict=True)
    )


def _after(job: Job, data: ChosenData) -> tuple[tuple[tuple[str, object], ...], ...]:
    """What is there after each step, from the data and the plan: expressions of Python's and values."""
    count, side, _, _ = data.dataset.images.shape
    train, test, classes = len(data.train), len(data.test), len(data.classes)
    unrolled = plan(job.network, data.image_shape, classes)
    batches = ceil(train / job.settings.batch_size)
    return (
        (),
        (("images.shape", (count, side, side)), ("labels.shape", (count,))),
        (("train.shape", (train,)), ("test.shape", (test,))),
        (
            ("x_train.shape", (train, *data.image_shape)),
            ("y_train.shape", (train, classes)),
            ("x_test.shape", (test, *data.image_shape)),
            ("y_test.shape", (test, classes)),
        ),
        (
            ("model.input_shape", (None, *data.image_shape)),
            ("model.output_shape", (None, *unrolled.layers[-1].output_shape)),
            ("model.count_params()", unrolled.parameters),
        ),
        (),
        (
            ("len(batches)", batches),
            ("int(model.optimizer.iterations)", batches * job.settings.epochs),
            ('len(history.history["loss"])', job.settings.epochs),
        ),
        (("list(history.history)[:2]", ["accuracy", "loss"]),),
    )
