"""How fast the app trains the article's network, against the article's plain `model.fit`.

The two take turns, for the machine may be busy with other things too; the speed-up is the median of
the ratios of neighbors. Both train on the article's 8,000 images and validate on its 2,000.
"""

import os
import pickle
import time
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

from benchmarks import Numbers, Rows
from cnn.data.example import EXAMPLE_DATASET, example_dataset
from cnn.data.split import DataChoice, TrainingData, choose, training_data
from cnn.network.presets import ARTICLE
from cnn.training.events import EpochEnd, Point
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Run, with_point
from cnn.training.store import RunStore
from cnn.training.worker.task import train

_EPOCHS = 6
_SEEDS = (1, 2, 3)


def run() -> tuple[Rows, Numbers]:
    """Train once with each seed in both ways and compare seconds per epoch and accuracy."""
    chosen = choose(example_dataset(), DataChoice(EXAMPLE_DATASET))
    data = training_data(chosen)
    rows: Rows = [("seed", "app, s/epoch", "model.fit, s/epoch", "ratio", "accuracy", "model.fit")]
    ratios, accuracies, references = [], [], []
    for seed in _SEEDS:
        ours, accuracy = _app(data, seed)
        theirs, reference = _plain(data, seed)
        ratios += [slow / fast for fast, slow in zip(ours, theirs, strict=True)]
        accuracies.append(accuracy)
        references.append(reference)
        rows.append(
            (
                f"{seed}",
                f"{median(ours):.3f}",
                f"{median(theirs):.3f}",
                f"{median(theirs) / median(ours):.2f}",
                f"{accuracy:.4f}",
                f"{reference:.4f}",
            )
        )
    return rows, {
        "speedup": median(ratios),
        "accuracy": mean(accuracies),
        "reference_accuracy": mean(references),
    }


def _app(data: TrainingData, seed: int) -> tuple[list[float], float]:
    """Seconds of each epoch, with all its events, and the last accuracy on the test images."""
    ends: list[EpochEnd] = []
    times: list[float] = []
    settings = Settings((Phase(_EPOCHS),), seed=seed)
    with TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        job = Job(ARTICLE, DataChoice(EXAMPLE_DATASET), settings)
        run = Run("benchmark", job, "training", "", created=0, updated=0)

        def report(event: Point | EpochEnd) -> None:
            nonlocal run
            event = pickle.loads(pickle.dumps(event))  # as it goes from a worker to the web process
            if isinstance(event, EpochEnd):
                run = store.save_epoch(run, event)
                ends.append(event)
                times.append(time.perf_counter())
            else:
                run = with_point(run, event)

        train(ARTICLE, settings, data, None, report, lambda: "go")
    return _differences(times), ends[-1].validation_accuracy


def _plain(data: TrainingData, seed: int) -> tuple[list[float], float]:
    """The same of the article's own code."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(100, activation="sigmoid"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    clock = _Clock()
    history = model.fit(
        data.train_images.astype("float32") / 255,
        keras.utils.to_categorical(data.train_labels, data.classes),
        batch_size=128,
        epochs=_EPOCHS,
        validation_data=(
            data.test_images.astype("float32") / 255,
            keras.utils.to_categorical(data.test_labels, data.classes),
        ),
        verbose=0,
        callbacks=[clock],
    )
    return _differences(clock.times), history.history["val_accuracy"][-1]


class _Clock(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.times.append(time.perf_counter())

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.times.append(time.perf_counter())


def _differences(times: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(times)]
