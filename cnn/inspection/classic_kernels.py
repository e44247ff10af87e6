"""Kernels that image processing has used for decades, by name, with the numbers they are known by.

They are meant for the sliding sum of products that a convolution computes here (`cnn.operations`):
nothing is flipped, so Sobel's kernels answer positively where the image brightens to the right and
downwards.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnn.arrays import Array


@dataclass(frozen=True)
class ClassicKernel:
    """A kernel of `side` x `side` numbers, row by row, each a whole number over `divisor`.

    `does` says in a sentence what it makes of an image.
    """

    name: str
    does: str
    numbers: tuple[int, ...]
    divisor: int

    @property
    def side(self) -> int:
        return round(len(self.numbers) ** 0.5)

    def sized(self, size: int) -> Array:
        """The kernel as `size` x `size` numbers, with zeros around it where there is room.

        Its center lies on the cell that same padding puts over the pixel being computed: the middle
        one, of an even number the one before.

        Raises ValueError where it does not fit.
        """
        if self.side > size:
            raise ValueError(f"{self.name} needs {self.side} x {self.side} cells, not {size}")
        own = np.reshape(self.numbers, (self.side, self.side)) / self.divisor
        return centered(own.astype(np.float32), size)


_TABLE = Path(__file__).with_suffix(".csv").read_text("utf-8")

CLASSIC_KERNELS = tuple(
    ClassicKernel(
        row["name"], row["does"], tuple(map(int, row["numbers"].split())), int(row["divisor"])
    )
    for row in csv.DictReader(_TABLE.splitlines())
)


def mean(size: int) -> Array:
    """A box blur of any size: `size` x `size` times 1 / `size`²."""
    return np.full((size, size), 1 / size**2, np.float32)


def centered(kernel: Array, size: int) -> Array:
    """A square kernel as `size` x `size` numbers: zeros around it, or cut off on all sides.

    Its center, the middle number (of an even number the one before), stays the center.
    """
    side = len(kernel)
    framed = np.pad(kernel, size)
    first = size + (side - 1) // 2 - (size - 1) // 2
    return framed[first : first + size, first : first + size]


def turned(kernel: Array) -> Array:
    """The kernel (height, width, ...) turned by 180°.

    The sliding sum of products with it is what mathematics calls convolution with `kernel`; without
    the turn it is cross-correlation, which Keras computes.
    """
    return kernel[::-1, ::-1]
