"""Which images of a data set a run uses, and how they are split into training and test images."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cnn.arrays import Numbers, Pixels
from cnn.data.dataset import DataError, Dataset

SMALLEST_TRAIN_SHARE = 0.1
LARGEST_TRAIN_SHARE = 0.95
LARGEST_SEED = 999_999_999


@dataclass(frozen=True)
class DataChoice:
    """Which images a run sees: the data set by its identity, the classes kept, and the split.

    `classes` are the labels kept, in ascending order (None: all of them); `train_share` is the share
    of the images used for training (None: the split the authors made); `seed` shuffles the images
    before they are split.
    """

    dataset: str
    classes: tuple[int, ...] | None = None
    train_share: float | None = 0.8
    seed: int = 0


@dataclass(frozen=True, eq=False)
class ChosenData:
    """A data set with a choice applied.

    `train` and `test` are the numbers of the images (positions in `Dataset.images`) in the order in
    which they are used; `labels` are those of all images of the data set, counted within the kept
    classes (-1 for a class that was left out); `classes` are the names of the kept ones.
    """

    dataset: Dataset
    choice: DataChoice
    classes: tuple[str, ...]
    labels: Numbers
    train: Numbers
    test: Numbers

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one image."""
        _, height, width, channels = self.dataset.images.shape
        return height, width, channels


class TrainingData(NamedTuple):
    """What a training reads: images to learn from and to validate on, and how many classes they have.

    Images are uint8 (n, height, width, channels), labels int64 (n,).
    """

    train_images: Pixels
    train_labels: Numbers
    test_images: Pixels
    test_labels: Numbers
    classes: int


def choose(dataset: Dataset, choice: DataChoice) -> ChosenData:
    """Apply `choice` to `dataset`.

    With a train share, the images of the kept classes are shuffled by the choice's seed; the first
    round(share * n) of them train, the rest test. With None, the images that their authors keep
    for testing test, the others train, both in the authors' order. Every number in `train` and
    `test` is a position in `dataset.images`, whatever the choice.

    Raises DataError when the choice is for another data set, keeps fewer than two classes or one
    that does not exist, asks for a share outside 0.1 to 0.95, a seed outside 0 to 999 999 999 or
    an official split that the data set does not have, or leaves a class without an image to train on
    or to test on.
    """
    kept = _kept_classes(dataset, choice)
    place = np.full(len(dataset.classes), -1, dtype=np.int64)
    place[list(kept)] = np.arange(len(kept))
    labels = place[dataset.labels]
    train, test = _split(dataset, choice, np.flatnonzero(labels >= 0))
    classes = tuple(dataset.classes[label] for label in kept)
    for numbers, purpose in ((train, "train on"), (test, "test on")):
        counts = np.bincount(labels[numbers], minlength=len(classes))
        if not counts.all():
            raise DataError(
                f"This split leaves the class “{classes[int(counts.argmin())]}” no image to"
                f" {purpose}; choose another share or seed, or leave that class out."
            )
    for array in (labels, train, test):
        array.setflags(write=False)
    return ChosenData(dataset, choice, classes, labels, train, test)


def training_data(chosen: ChosenData) -> TrainingData:
    """The images and labels of a choice, in the order in which they are used.

    Pixels are 0 to 255 as stored; labels count within the kept classes, 0 to len(classes) - 1.
    """
    images, labels, train, test = chosen.dataset.images, chosen.labels, chosen.train, chosen.test
    return TrainingData(
        images[train], labels[train], images[test], labels[test], len(chosen.classes)
    )


def _kept_classes(dataset: Dataset, choice: DataChoice) -> tuple[int, ...]:
    if choice.dataset != dataset.identity:
        raise DataError(
            f"This choice is for the data set “{choice.dataset}” but was applied to “{dataset.identity}”; choose the data again."
        )
    if choice.classes is None:
        return tuple(range(len(dataset.classes)))
    for label in choice.classes:
        if not 0 <= label < len(dataset.classes):
            raise DataError(
                f"{dataset.name} has no class number {label}; its classes are numbered 0 to {len(dataset.classes) - 1}."
            )
    if list(choice.classes) != sorted(set(choice.classes)):
        raise DataError(
            f"The kept classes must be in ascending order, each named once; they were {', '.join(map(str, choice.classes))}."
        )
    if len(choice.classes) < 2:
        raise DataError(
            f"A network needs at least 2 classes to tell apart; this choice keeps {len(choice.classes)}."
        )
    return choice.classes


def _split(dataset: Dataset, choice: DataChoice, kept: Numbers) -> tuple[Numbers, Numbers]:
    if not 0 <= choice.seed <= LARGEST_SEED:
        raise DataError(
            f"The seed of the split must be between 0 and {LARGEST_SEED}; it was {choice.seed}."
        )
    if choice.train_share is None:
        if dataset.official_test is None:
            raise DataError(
                f"{dataset.name} has no official split into train and test images; choose a share of the images to train on instead."
            )
        boundary = len(dataset.images) - dataset.official_test
        return kept[kept < boundary], kept[kept >= boundary]
    if not SMALLEST_TRAIN_SHARE <= choice.train_share <= LARGEST_TRAIN_SHARE:
        raise DataError(
            f"The share of images to train on must be between {SMALLEST_TRAIN_SHARE} and {LARGEST_TRAIN_SHARE}; it was {choice.train_share}."
        )
    shuffled = np.random.default_rng(choice.seed).permutation(kept)
    boundary = round(choice.train_share * len(kept))
    return shuffled[:boundary], shuffled[boundary:]
