"""How one window moves across an image, and a convolution that moves so."""

from dataclasses import dataclass, replace

import numpy as np

from cnn.arrays import Array
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, Network, Padding
from cnn.operations import output_size, padding_cells, span


@dataclass(frozen=True)
class Window:
    """How a window of `kernel` x `kernel` weights moves across an image of `cells` x `cells`."""

    cells: int
    kernel: int
    stride: int
    padding: Padding
    dilation: int

    @property
    def span(self) -> int:
        """Cells from one edge of the window to the other."""
        return span(self.kernel, self.dilation)

    @property
    def output(self) -> int:
        """Rows, and columns, of the map: 0 or less where the window does not fit."""
        return output_size(self.cells, self.span, self.stride, self.padding)

    @property
    def zeros(self) -> tuple[int, int]:
        """Rows of zeros above and below; there are as many columns on the left and on the right."""
        return padding_cells(self.cells, self.span, self.stride, self.padding)

    def within(self, block: ConvolutionBlock) -> ConvolutionBlock:
        """Return the block with this window; NetworkError for a stride together with a dilation."""
        return replace(
            block,
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )

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
