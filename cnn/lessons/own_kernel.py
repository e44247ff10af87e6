"""A kernel of the visitor's own: how the URL writes it, and the convolution that it makes."""

import re
from dataclasses import dataclass
from math import isqrt

import numpy as np

from cnn.arrays import Array, Pixels
from cnn.inspection.classic_kernels import CLASSIC_KERNELS, centered, mean, turned
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, Network

LARGEST_SIDE = 7
LARGEST_WEIGHT = 1000.0

MEAN = "mean"
CLASSIC = {re.sub("[^a-z]+", "-", kernel.name.lower()): kernel for kernel in CLASSIC_KERNELS}
"""The classic kernels as the URL names them."""


@dataclass(frozen=True, eq=False)
class Filter:
    """One filter at work: an image, a kernel (side, side, channels) for all its channels, a bias.

    `compared` asks for a second filter with the kernel rotated by 180°.
    """

    image: Pixels
    kernel: Array
    bias: float
    compared: bool

    @property
    def plan(self) -> Plan:
        """A network of this convolution alone."""
        block = ConvolutionBlock(
            1 + self.compared, len(self.kernel), activation=Activation("linear"), pooling=None
        )
        height, width, channels = self.image.shape
        return plan(Network((block,)), (height, width, channels), 2).upto("convolution_1")

    @property
    def weights(self) -> Array:
        """The weights of `plan`, flat."""
        kernels = (self.kernel, turned(self.kernel))[: 1 + self.compared]
        bias = np.full(len(kernels), self.bias, np.float32)
        return np.concatenate([np.stack(kernels, axis=-1).ravel(), bias])


def from_text(text: str, size: int = 1) -> Array:
    """Return the kernel that a text stands for; only the mean has the `size` that is chosen.

    Raises ValueError if the text names no kernel and is not a square of numbers.
    """
    if text == MEAN:
        return mean(size)
    if text in CLASSIC:
        return CLASSIC[text].sized(CLASSIC[text].side)
    values = [float(part) for part in text.split("~")]
    side = isqrt(len(values))
    kernel = np.array(values, np.float32).reshape(side, side)  # ValueError if it is no square
    if side > LARGEST_SIDE or not (np.abs(kernel) <= LARGEST_WEIGHT).all():
        raise ValueError(text)
    return kernel


def sized(text: str, size: int) -> Array:
    """Return the kernel that a text stands for with `size` x `size` numbers, in the middle."""
    return centered(from_text(text, size), size)


def to_text(kernel: Array) -> str:
    """Return the numbers with four digits, row by row, as the URL has them."""
    return "~".join(f"{number + 0.0:.4g}" for number in kernel.ravel().tolist())
