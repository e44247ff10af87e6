"""Lesson: Padding and stride. How one window moves across an image."""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.image.picture import shrunk
from cnn.network.keras_code import block_code
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, ConvolutionBlock, Network, NetworkError, Padding
from cnn.operations import output_size, padding_cells, span
from cnn.ui.common.glossary import definition
from cnn.ui.common.prose import read_prose
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.figure import choose_item, network_figure
from cnn.ui.learn.lesson_page import LessonPage

PROSE = read_prose("padding")

SMALLEST_IMAGE, LARGEST_IMAGE = 5, 28
_TOP_LEFT = "convolution_1-map1-row1-column1"
_ALONE = ConvolutionBlock(1, activation=Activation("linear"), pooling=None)
"""A convolution with one filter and nothing after it."""


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

    def moved_in(self, block: ConvolutionBlock) -> ConvolutionBlock:
        """Return the block with this window; NetworkError for a stride together with a dilation."""
        return replace(
            block,
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )


def show(page: LessonPage) -> None:
    """Draw the lesson."""
    with page.figure:
        item = choose_item(page)
        window = _choose_window(page)
        try:
            layers, weights = mean_convolution(window)
        except NetworkError as error:
            # Of a stride together with a dilation, the error itself says what to do.
            both = window.stride > 1 and window.dilation > 1
            way_out = "" if both else PROSE.text("way out")
            st.warning(f"{error} {way_out}", icon=":material/block:")
        else:
            full_size = window.cells == LARGEST_IMAGE
            image = item.image if full_size else shrunk(item.image, window.cells)
            picture = Picture(layers, weights, image, (), enlarged=2, padded=True)
            network_figure(page.key("picture"), picture, _TOP_LEFT)
    with page.text:
        PROSE.show("window")
        st.latex(formula(window))
        st.caption(_size_in_words(window))
        with suppress(NetworkError):  # shown next to the controls
            [line] = block_code(window.moved_in(_ALONE))
            st.code(f"keras.{line}", wrap_lines=True)
        page.ask()
        with suppress(NetworkError):
            first = window.moved_in(ARTICLE.blocks[0])
            network = replace(ARTICLE, blocks=(first, *ARTICLE.blocks[1:]))
            page.to_build("Build a network with this window", network)


def _choose_window(page: LessonPage) -> Window:
    left, middle, right = st.columns(3)
    with left:
        cells = page.whole("cells", "Image size", SMALLEST_IMAGE, LARGEST_IMAGE, LARGEST_IMAGE)
        same = page.choice("padding", "Padding", PROSE.options("paddings")) == "same"
    with middle:
        kernel = page.whole("kernel", "Kernel size", 1, 7, 3)
        dilation = page.whole("dilation", "Dilation", 1, 4, 1, help=definition("dilation"))
    stride = page.whole("stride", "Stride", 1, 4, 1, help=definition("stride"), at=right)
    return Window(cells, kernel, stride, "same" if same else "valid", dilation)


def mean_convolution(window: Window) -> tuple[Plan, NDArray[np.float32]]:
    """Return one convolution whose kernel computes a mean, and its flat weights.

    Raises NetworkError with a sentence if there is no such convolution.
    """
    whole = plan(Network((window.moved_in(_ALONE),)), (window.cells, window.cells, 1), 2)
    mean = np.full(window.kernel**2, 1 / window.kernel**2, np.float32)
    return whole.upto("convolution_1"), np.append(mean, np.float32(0))


def formula(window: Window) -> str:
    """Return the size of the map with its numbers, in LaTeX."""
    cells, stride, output = window.cells, window.stride, window.output
    if window.padding == "same":
        return rf"\left\lceil\frac{{{cells}}}{{{stride}}}\right\rceil = {output}"
    size = rf"\left\lfloor\frac{{{cells}-{window.span}}}{{{stride}}}\right\rfloor + 1 = {output}"
    return size if output > 0 else f"{size} < 1"


def _size_in_words(window: Window) -> str:
    kernel, dilation = window.kernel, window.dilation
    before, after = window.zeros
    sentences = [PROSE.text("valid size")]
    if window.padding == "same":
        sentences = [PROSE.text("same size", before=before, after=after)]
        if before != after:
            sentences.append(PROSE.text("uneven zeros"))
    if dilation > 1:
        sentences.append(PROSE.text("span", dilation=dilation, kernel=kernel, span=window.span))
    return " ".join(sentences)
