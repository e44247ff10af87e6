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
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import choose_item, network_figure, text_and_figure
from cnn.ui.learn.next_steps import to_build
from cnn.ui.learn.question import ask
from cnn.ui.state.session import Session

PROSE = read_prose("padding")

SMALLEST_IMAGE, LARGEST_IMAGE = 5, 28
_PADDINGS = {"valid": "Valid", "same": "Same"}
_TOP_LEFT = "convolution_1-map1-row1-column1"


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

    def block(self) -> ConvolutionBlock:
        """Return the convolution alone. Raises NetworkError for a stride together with a dilation."""
        return ConvolutionBlock(
            1,
            self.kernel,
            self.stride,
            self.padding,
            activation=Activation("linear"),
            pooling=None,
            dilation=self.dilation,
        )


def show(session: Session, controls: Controls) -> None:
    """Draw the lesson."""
    text, figure = text_and_figure()
    with figure:
        example = choose_item(session, controls.lesson)
        window = _choose_window(controls)
        try:
            layers, weights = mean_convolution(window)
        except NetworkError as error:
            # Of a stride together with a dilation, the error itself says what to do.
            both = window.stride > 1 and window.dilation > 1
            way_out = "" if both else PROSE.text("way out")
            st.warning(f"{error} {way_out}", icon=":material/block:")
        else:
            full_size = window.cells == LARGEST_IMAGE
            image = example.image if full_size else shrunk(example.image, window.cells)
            picture = Picture(layers, weights, image, (), enlarged=2, padded=True)
            network_figure(controls.key("picture"), picture, _TOP_LEFT)
    with text:
        _explain(window)
        ask(controls, PROSE)
        _to_build(session, window)


def _choose_window(controls: Controls) -> Window:
    left, middle, right = st.columns(3)
    with left:
        cells = controls.whole("cells", "Image size", SMALLEST_IMAGE, LARGEST_IMAGE, LARGEST_IMAGE)
        same = controls.choice("padding", "Padding", _PADDINGS, "valid") == "same"
    with middle:
        kernel = controls.whole("kernel", "Kernel size", 1, 7, 3)
        dilation = controls.whole("dilation", "Dilation", 1, 4, 1, help=definition("dilation"))
    stride = controls.whole("stride", "Stride", 1, 4, 1, help=definition("stride"), at=right)
    return Window(cells, kernel, stride, "same" if same else "valid", dilation)


def mean_convolution(window: Window) -> tuple[Plan, NDArray[np.float32]]:
    """Return one convolution whose kernel computes a mean, and its flat weights.

    Raises NetworkError with a sentence if there is no such convolution.
    """
    whole = plan(Network((window.block(),)), (window.cells, window.cells, 1), 2)
    mean = np.full(window.kernel**2, 1 / window.kernel**2, np.float32)
    return whole.upto("convolution_1"), np.append(mean, np.float32(0))


def _explain(window: Window) -> None:
    PROSE.show("window")
    st.latex(formula(window))
    st.caption(_size_in_words(window))
    with suppress(NetworkError):  # shown next to the controls
        [line] = block_code(window.block())
        st.code(f"keras.{line}", wrap_lines=True)


def formula(window: Window) -> str:
    """Return the size of the map with its numbers, in LaTeX."""
    cells, stride, output = window.cells, window.stride, window.output
    if window.padding == "same":
        return rf"\left\lceil\frac{{{cells}}}{{{stride}}}\right\rceil = {output}"
    size = rf"\left\lfloor\frac{{{cells}-{window.span}}}{{{stride}}}\right\rfloor + 1 = {output}"
    return size if output > 0 else f"{size} < 1"


def _size_in_words(window: Window) -> str:
    sentences = []
    if window.padding == "valid":
        sentences.append(PROSE.text("valid size"))
    else:
        before, after = window.zeros
        sentences.append(PROSE.text("same size", before=before, after=after))
        if before != after:
            sentences.append(PROSE.text("uneven zeros"))
    if window.dilation > 1:
        sentences.append(
            PROSE.text("span", dilation=window.dilation, kernel=window.kernel, span=window.span)
        )
    return " ".join(sentences)


def _to_build(session: Session, window: Window) -> None:
    """Offer the starter network with this window in its first block, if it fits there."""
    try:
        first = replace(
            ARTICLE.blocks[0],
            kernel=window.kernel,
            stride=window.stride,
            padding=window.padding,
            dilation=window.dilation,
        )
    except NetworkError:
        return
    to_build(
        session,
        "Build a network with this window",
        replace(ARTICLE, blocks=(first, *ARTICLE.blocks[1:])),
    )
