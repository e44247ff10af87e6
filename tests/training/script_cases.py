"""Jobs whose exported scripts are executed: each varies some settings of a plain one."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cnn.data.dataset import ChosenData, DataChoice, Dataset, choose
from cnn.data.example import EXAMPLE_DATASET, FASHION_MNIST_CLASSES, shipped
from cnn.data.idx import read_images_and_labels
from cnn.data.table import read_csv, to_csv
from cnn.network.link import from_text
from cnn.training.job import Job, Phase, Settings
from cnn.training.script import script

NETWORK = from_text("conv4x3-relu-max2_flatten_dense8-sigmoid_softmax")
SETTINGS = Settings(phases=(Phase(2, 0.01),), batch_size=32, seed=3)


def table(labels: np.ndarray, images: np.ndarray, first: int = 1) -> bytes:
    """A CSV as a person might bring it, its pixels counted from `first`."""
    rows = images.reshape(len(images), -1)
    lines = [",".join(["label", *(f"pixel{first + n}" for n in range(rows.shape[1]))])]
    lines += [
        f"{label}," + ",".join(map(str, row)) for label, row in zip(labels, rows, strict=True)
    ]
    return "\n".join(lines).encode()


def small_images(count: int = 300) -> np.ndarray:
    return shipped().images[:count, ::3, ::3, 0]


def numbers_csv() -> bytes:
    return table(shipped().labels[:300], small_images())


def words_csv() -> bytes:
    """Words as labels: one that pandas takes for a missing value, some with a leading zero."""
    words = np.array(["NA", "01", "a coat", "1", "None", "001", "# %% x", "'", "\\n", "true"])
    return table(words[shipped().labels[:300]], small_images(), first=0)


@dataclass(frozen=True)
class Case:
    """A job, its data, and the CSV that a reader puts beside the script."""

    job: Job
    data: ChosenData
    csv: bytes | None = None

    @property
    def script(self) -> str:
        return script(self.job, self.data)


def csv_case(csv=None, dataset=None, network=NETWORK, settings=SETTINGS, **choice) -> Case:
    csv = csv or numbers_csv()
    dataset = dataset or read_csv(csv, "clothes.csv")
    chosen = choose(dataset, DataChoice(dataset.identity, **choice))
    return Case(Job(network, chosen.choice, settings), chosen, csv)


def download_case() -> Case:
    dataset = read_csv(words_csv(), "clothes.csv")
    return csv_case(csv=to_csv(dataset, np.arange(len(dataset.images))), dataset=dataset)


def shipped_case() -> Case:
    network = from_text("conv4x3-s2-relu-max2_flatten_softmax")
    chosen = choose(shipped(), DataChoice(EXAMPLE_DATASET))
    settings = replace(SETTINGS, phases=(Phase(1, 0.01),), batch_size=128)
    return Case(Job(network, chosen.choice, settings), chosen)


def official_case(folder: Path) -> Case:
    """All of Fashion-MNIST as Keras loads it, were its training images those in the folder."""
    parts = [read_images_and_labels(folder, part) for part in ("train", "t10k")]
    dataset = Dataset(
        name="Fashion-MNIST",
        identity="fashion-mnist",
        images=np.concatenate([images for images, _ in parts])[..., np.newaxis],
        labels=np.concatenate([labels for _, labels in parts]).astype(np.int64),
        classes=FASHION_MNIST_CLASSES,
        credit="",
        official_test=len(parts[1][0]),
    )
    chosen = choose(dataset, DataChoice(dataset.identity, (0, 2, 5, 9), train_share=None))
    network = from_text("conv2x3-s3-relu_flatten_softmax")
    return Case(Job(network, chosen.choice, SETTINGS), chosen)


CASES = {
    "words as labels, rmsprop, three classes": lambda: csv_case(
        words_csv(), settings=replace(SETTINGS, optimiser="rmsprop"), classes=(1, 4, 8)
    ),
    "download of the app": download_case,
    "sigmoid, early stopping": lambda: csv_case(
        network=from_text("conv4x3-relu-max2_flatten_dense8-sigmoid_sigmoid"),
        settings=replace(SETTINGS, phases=(Phase(30, 0.2),), patience=2),
        classes=(2, 6),
    ),
    "normalisation and dropout": lambda: csv_case(
        network=from_text(
            "conv4x3-norm-relu-max2-drop0.25_globalaverage_dense8-relu-drop0.5_softmax"
        )
    ),
    "momentum, two phases, another split, as a notebook": lambda: csv_case(
        settings=replace(
            SETTINGS,
            phases=(Phase(2, 0.01), Phase(2, 0.0001)),
            optimiser="sgd",
            momentum=0.9,
        ),
        train_share=0.55,
        seed=7,
    ),
}
