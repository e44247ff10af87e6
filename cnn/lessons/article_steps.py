"""The script of a training in eight steps, each with what Python shows after it."""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from cnn.data.split import ChosenData
from cnn.network.plan import plan
from cnn.training.job import Job
from cnn.training.script import script

_BEGINNINGS = {
    "import": "# %% A convolutional neural network in Keras",
    "load": "# %% The images",
    "split": "# %% Which images: training and test",
    "prepare": "images = images.reshape(",
    "build": "# %% The network",
    "compile": "model.compile(",
    "train": "# %% Training",
    "plot": "# %% Plots",
}
"""The steps, and the text in the exported script that each begins with."""


@dataclass(frozen=True)
class Step:
    """A part of the script, `key` for short; `after` has Python expressions with their values."""

    key: str
    code: str
    after: dict[str, object]


def steps(job: Job, data: ChosenData) -> list[Step]:
    """Return the steps with their code: joined, they are the exported script of the job."""
    text = script(job, data)
    begins = [text.index(beginning) for beginning in _BEGINNINGS.values()]
    results = _results(job, data)
    return [
        Step(key, text[start:end], results.get(key, {}))
        for key, (start, end) in zip(_BEGINNINGS, pairwise([*begins, len(text)]), strict=True)
    ]


def _results(job: Job, data: ChosenData) -> dict[str, dict[str, object]]:
    """Return Python expressions with their values after each step, from the data and the plan."""
    count, side, _, _ = data.dataset.images.shape
    train, test, classes = len(data.train), len(data.test), len(data.classes)
    layers = plan(job.network, data.image_shape, classes)
    batches = ceil(train / job.settings.batch_size)
    return {
        "load": {"images.shape": (count, side, side), "labels.shape": (count,)},
        "split": {"train.shape": (train,), "test.shape": (test,)},
        "prepare": {
            "x_train.shape": (train, *data.image_shape),
            "y_train.shape": (train, classes),
            "x_test.shape": (test, *data.image_shape),
            "y_test.shape": (test, classes),
        },
        "build": {
            "model.input_shape": (None, *data.image_shape),
            "model.output_shape": (None, *layers.layers[-1].output_shape),
            "model.count_params()": layers.parameters,
        },
        "train": {
            "len(batches)": batches,
            "int(model.optimizer.iterations)": batches * job.settings.epochs,
            'len(history.history["loss"])': job.settings.epochs,
        },
        "plot": {"list(history.history)[:2]": ["accuracy", "loss"]},
    }
