"""The exported Keras script: a whole job as one plain file that ends where the app's run ended.

The script comes in cells (`# %%`), so that the notebook is the same text.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from cnn.data.split import ChosenData
from cnn.network.keras_code import keras_code
from cnn.network.link import to_text
from cnn.network.plan import plan
from cnn.training.job import Job, Settings

_CELL = "# %%"

_KERAS_SETS = {"fashion-mnist": "fashion_mnist", "mnist": "mnist"}


def script(job: Job, data: ChosenData) -> str:
    """Python that loads the data, builds, trains and plots; `data` is what the job's choice gave.

    Raises NetworkError for a network that cannot be built for these images.
    """
    model = keras_code(plan(job.network, data.image_shape, len(data.classes)))
    cells = [
        _opening(job),
        _loading(data),
        _choosing(data),
        _building(job, model),
        *_training(job.settings),
        _PLOTS,
    ]
    return "\n\n".join(f"{_CELL} {cell.strip()}" for cell in cells) + "\n"


def notebook(text: str) -> str:
    """The same script as a Jupyter notebook (format 4.5): one cell for each of its cells."""
    cells: list[dict[str, Any]] = []
    for number, cell in enumerate(re.split(f"^{_CELL} ", text, flags=re.MULTILINE)[1:]):
        title, _, code = cell.partition("\n")
        cells.append({"cell_type": "markdown", "source": f"## {title}", "id": f"title-{number}"})
        cells.append(
            {
                "cell_type": "code",
                "source": code.strip(),
                "id": f"code-{number}",
                "execution_count": None,
                "outputs": [],
            }
        )
    for one in cells:
        one["metadata"] = {}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1)


def _opening(job: Job) -> str:
    return f"""A convolutional neural network in Keras
# Made by CNN Playground from {to_text(job.network)}
# pip install keras tensorflow numpy pandas matplotlib
import math
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

SEED = {job.settings.seed}
keras.utils.set_random_seed(SEED)
"""


def _loading(data: ChosenData) -> str:
    identity = data.dataset.identity
    title = f"The images: {_one_line(data.dataset.name)}\n"
    if identity == "fashion-mnist-10000":
        return (
            title
            + """# The 10,000 test images of Fashion-MNIST, which the app splits again
_, (images, labels) = keras.datasets.fashion_mnist.load_data()
"""
        )
    if identity in _KERAS_SETS:
        return (
            title
            + f"""(first, first_labels), (second, second_labels) = keras.datasets.{_KERAS_SETS[identity]}.load_data()
images = np.concatenate([first, second])
labels = np.concatenate([first_labels, second_labels])
"""
        )
    size, channels = data.image_shape[0], data.image_shape[2]
    if identity.startswith("idx-"):
        return (
            title
            + f"""# Put the four idx files of the data set, plain or as .gz, beside this file
import gzip
from pathlib import Path


def read(name, header):
    path = Path(name)
    content = path.read_bytes() if path.exists() else gzip.decompress(Path(name + ".gz").read_bytes())
    return np.frombuffer(content, np.uint8, offset=header)


parts = ("train", "t10k")
images = np.concatenate([read(f"{{part}}-images-idx3-ubyte", 16) for part in parts])
images = images.reshape(-1, {size}, {size})
labels = np.concatenate([read(f"{{part}}-labels-idx1-ubyte", 8) for part in parts])
labels = np.searchsorted(np.unique(labels), labels)
"""
        )
    return (
        title
        + f"""# Put the CSV that you gave to the app beside this file, as images.csv
import pandas as pd

table = pd.read_csv("images.csv", dtype={{"label": str}}, keep_default_na=False)
words = table.pop("label").str.strip()
names = {list(data.dataset.classes)!r}
if not words.isin(names).all():  # a download from the app has the classes' numbers
    names = [str(number) for number in range(len(names))]
labels = words.map(names.index).to_numpy()
first = 0 if "pixel0" in table else 1
pixels = [f"pixel{{number}}" for number in range(first, first + {size * size * channels})]
images = table[pixels].to_numpy(np.uint8).reshape(-1, {size}, {size})
"""
    )


def _one_line(name: str) -> str:
    """A name that may come from a file's, fit for a comment."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())


def _choosing(data: ChosenData) -> str:
    choice, classes = data.choice, len(data.classes)
    text = f"Which images: training and test\nclasses = {list(data.classes)!r}\n"
    if choice.classes is None:
        text += "kept = np.arange(len(images))\n"
    else:
        text += f"""chosen = {list(choice.classes)}
kept = np.flatnonzero(np.isin(labels, chosen))
labels = np.searchsorted(chosen, labels)
"""
    if choice.train_share is None:
        official = len(data.dataset.images) - (data.dataset.official_test or 0)
        text += f"train, test = kept[kept < {official}], kept[kept >= {official}]  # the authors' own split\n"
    else:
        text += f"""shuffled = np.random.default_rng({choice.seed}).permutation(kept)
count = round({choice.train_share} * len(kept))
train, test = shuffled[:count], shuffled[count:]
"""
    return (
        text
        + f"""images = images.reshape(len(images), *{data.image_shape}).astype("float32") / 255
x_train, x_test = images[train], images[test]
y_train, y_test = (keras.utils.to_categorical(labels[part], {classes}) for part in (train, test))
print(len(x_train), "training images,", len(x_test), "test images")
"""
    )


def _building(job: Job, model: str) -> str:
    settings = job.settings
    rate = settings.learning_rate(1)
    optimizer = {
        "adam": f"keras.optimizers.Adam({rate})",
        "sgd": f"keras.optimizers.SGD({rate}, momentum={settings.momentum})",
        "rmsprop": f"keras.optimizers.RMSprop({rate})",
    }[settings.optimizer]
    two = job.network.output == "sigmoid"
    loss = "binary_crossentropy" if two else "categorical_crossentropy"
    targets = (
        "y_train, y_test = y_train[:, 1:], y_test[:, 1:]  # one unit: is it the second class?\n"
        if two
        else ""
    )
    return f"""The network
{targets}{model}
model.compile(optimizer={optimizer}, loss="{loss}", metrics=["accuracy"])
model.summary()
"""


def _training(settings: Settings) -> Iterator[str]:
    callbacks = ["keras.callbacks.LambdaCallback(on_epoch_begin=batches.shuffle)"]
    rates = [settings.learning_rate(epoch + 1) for epoch in range(settings.epochs)]
    schedule = ""
    if len(set(rates)) > 1:
        schedule = f"rates = {rates!r}\n"
        callbacks.append("keras.callbacks.LearningRateScheduler(lambda epoch, rate: rates[epoch])")
    if settings.patience is not None:
        callbacks.append(
            "# This ends with the last epoch's weights, like the run in the app.\n"
            "        # With restore_best_weights=True it ends with those of the smallest loss.\n"
            f'        keras.callbacks.EarlyStopping(monitor="val_loss", patience={settings.patience})'
        )
    extra = "".join(f"        {callback},\n" for callback in callbacks)
    yield f'''Training
BATCH_SIZE = {settings.batch_size}


class Batches(keras.utils.PyDataset):
    """The training images, in the new order that the app gave them in each epoch."""

    def __init__(self):
        super().__init__()
        self.shuffle(0)

    def shuffle(self, epoch, logs=None):
        self.order = np.random.default_rng([SEED, epoch + 1]).permutation(len(x_train))

    def __len__(self):
        return math.ceil(len(x_train) / BATCH_SIZE)

    def __getitem__(self, number):
        chosen = self.order[number * BATCH_SIZE : (number + 1) * BATCH_SIZE]
        return x_train[chosen], y_train[chosen]


batches = Batches()
{schedule}history = model.fit(
    batches,
    shuffle=False,
    epochs={settings.epochs},
    validation_data=(x_test, y_test),
    callbacks=[
{extra}    ],
)
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"Accuracy on {{len(x_test)}} test images: {{accuracy:.4f}}")
'''


_PLOTS = """Plots
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
for axes, name in ((left, "loss"), (right, "accuracy")):
    axes.plot(history.epoch, history.history[name], label="training")
    axes.plot(history.epoch, history.history[f"val_{name}"], "--", label="test")
    axes.set(xlabel="epoch", ylabel=name)
    axes.legend()
plt.show()
"""
