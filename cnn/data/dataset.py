"""Labeled square images in memory."""

import hashlib
from dataclasses import dataclass

import numpy as np

from cnn.arrays import Numbers, Pixels

SMALLEST_SIDE = 4
LARGEST_SIDE = 64


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
    images: Pixels
    labels: Numbers
    classes: tuple[str, ...]
    credit: str
    official_test: int | None = None

    def __post_init__(self) -> None:
        self.images.setflags(write=False)
        self.labels.setflags(write=False)


def content_identity(prefix: str, images: Pixels, labels: Numbers, classes: tuple[str, ...]) -> str:
    """`prefix`, a hyphen and 16 hexadecimal digits that change whenever the data do."""
    digest = hashlib.sha256(repr((images.shape, classes)).encode())
    digest.update(np.ascontiguousarray(images).data)
    digest.update(np.ascontiguousarray(labels).data)
    return f"{prefix}-{digest.hexdigest()[:16]}"
