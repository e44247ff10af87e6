"""How one window moves across an image, and a convolution that moves so."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cnn.arrays import Array
from cnn.network.layers import WindowSide
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, Network, Padding


class Window(NamedTuple):
    """How a window of `kernel` x `kernel` weights moves across an image of `cells` x `cells`."""

    cells: int
    kernel: int
    stride: int
    padding: Padding
    dilation: int

    @property
    def side(self) -> WindowSide:
        """The window along either side of the image."""
        return WindowSide.over(*self)

    @property
    def output(self) -> int:
        """Rows, and columns, of the map: 0 or less where the window does not fit."""
        return self.side.positions(self.cells)

    def within(self, block: ConvolutionBlock) -> ConvolutionBlock:
        """Return the block with this window; NetworkError for a stride together with a dilation."""
        _, kernel, stride, padding, dilation = self
        return replace(block, kernel=kernel, stride=stride, padding=padding, dilation=dilation)

    @property
    def block(self) -> ConvolutionBlock:
        """A convolution with one filter and nothing after it; raises NetworkError as `within` does."""
        return self.within(ConvolutionBlock(1, activation=Activation("linear"), pooling=None))


def mean_convolution(window: Window) -> tuple[Plan, Array]:
    """Return one convolution whose kernel computes a mean, and its flat weights.

    Raises NetworkError with a sentence if there is no such convolution.
    """
    whole = plan(Network((window.block,)), (window.cells, window.cells, 1), 2)
    mean = np.full(window.kernel**2, 1 / window.kernel**2, np.float32)
    return whole.upto("convolution_1"), np.append(mean, np.float32(0))
