"""Labeled square images in memory, which of them to use, and how they are split."""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SMALLEST_SIDE = 4
LARGEST_SIDE = 64
SMALLEST_TRAIN_SHARE = 0.1
LARGEST_TRAIN_SHARE = 0.95
LARGEST_SEED = 999_999_999


class DataError(ValueError):
    """Data that cannot be used; the message is a sentence for the person who gave them."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labeled images.

    `images` is uint8, (n, size, size, channels), 0 to 255, with 1 or 3 channels; `labels` is int64,
    (n,), an index into `classes`. `identity` names these very images (two data sets with the same
    identity hold the same numbers). `credit` says where they come from and under which license.
    `official_test` is the number of images at the end that their authors keep for testing, None
    where they never said. The arrays are read-only.
    """

    name: str
    identity: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    credit: str
    official_test: int | None = None

    def __post_init__(self) -> None:
        self.images.setflags(write=False)
        self.labels.setflags(write=False)


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
    labels: NDArray[np.int64]
    train: NDArray[np.int64]
    test: NDArray[np.int64]

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one image."""
        _, height, width, channels = self.dataset.images.shape
        return height, width, channels


class TrainingArrays(NamedTuple):
    """What a training reads: images as uint8 (n, size, size, channels), labels as int64 (n,)."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.int64]


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


def training_arrays(chosen: ChosenData) -> TrainingArrays:
    """The images and labels of a choice, in the order in which they are used.

    Pixels are 0 to 255 as stored; labels count within the kept classes, 0 to len(classes) - 1.
    """
    images, labels = chosen.dataset.images, chosen.labels
    return TrainingArrays(
        images[chosen.train], labels[chosen.train], images[chosen.test], labels[chosen.test]
    )


def one_hot(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Labels (n,) as rows of 0 and 1, float32 (n, classes), a 1 at each label's place.

    Raises ValueError for a label outside 0 to classes - 1.
    """
    if labels.size and not (labels.min() >= 0 and labels.max() < classes):
        raise ValueError(f"labels must lie between 0 and {classes - 1}")
    return np.eye(classes, dtype=np.float32)[labels]


def content_identity(
    prefix: str,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    classes: tuple[str, ...],
) -> str:
    """`prefix`, a hyphen and 16 hexadecimal digits that change whenever the data do."""
    digest = hashlib.sha256(repr((images.shape, classes)).encode())
    digest.update(np.ascontiguousarray(images).data)
    digest.update(np.ascontiguousarray(labels).data)
    return f"{prefix}-{digest.hexdigest()[:16]}"


def _kept_classes(dataset: Dataset, choice: DataChoice) -> tuple[int, ...]:
    if choice.dataset != dataset.identity:
        raise DataError(
            f"This choice is for the data set “{choice.dataset}” but was applied to"
            f" “{dataset.identity}”; choose the data again."
        )
    if choice.classes is None:
        return tuple(range(len(dataset.classes)))
    for label in choice.classes:
        if not 0 <= label < len(dataset.classes):
            raise DataError(
                f"{dataset.name} has no class number {label}; its classes are numbered 0 to"
                f" {len(dataset.classes) - 1}."
            )
    if list(choice.classes) != sorted(set(choice.classes)):
        raise DataError(
            f"The kept classes must be in ascending order, each named once; they were"
            f" {', '.join(map(str, choice.classes))}."
        )
    if len(choice.classes) < 2:
        raise DataError(
            f"A network needs at least 2 classes to tell apart; this choice keeps {len(choice.classes)}."
        )
    return choice.classes


def _split(
    dataset: Dataset, choice: DataChoice, kept: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if not 0 <= choice.seed <= LARGEST_SEED:
        raise DataError(
            f"The seed of the split must be between 0 and {LARGEST_SEED}; it was {choice.seed}."
        )
    if choice.train_share is None:
        if dataset.official_test is None:
            raise DataError(
                f"{dataset.name} has no official split into train and test images;"
                " choose a share of the images to train on instead."
            )
        boundary = len(dataset.images) - dataset.official_test
        return kept[kept < boundary], kept[kept >= boundary]
    if not SMALLEST_TRAIN_SHARE <= choice.train_share <= LARGEST_TRAIN_SHARE:
        raise DataError(
            f"The share of images to train on must be between {SMALLEST_TRAIN_SHARE} and"
            f" {LARGEST_TRAIN_SHARE}; it was {choice.train_share}."
        )
    shuffled = np.random.default_rng(choice.seed).permutation(kept)
    boundary = round(choice.train_share * len(kept))
    return shuffled[:boundary], shuffled[boundary:]
