"""Labelled square images in memory, which of them to use, and how they are split."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class DataError(ValueError):
    """Data that cannot be used; the message is a sentence for the person who gave them."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images.

    `images` is uint8, (n, size, size, channels), 0 to 255, with 1 or 3 channels; `labels` is int64,
    (n,), an index into `classes`. `identity` names these very images (two data sets with the same
    identity hold the same numbers). `credit` says where they come from and under which licence.
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
