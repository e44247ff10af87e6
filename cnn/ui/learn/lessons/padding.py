"""Lesson: Padding and stride."""

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
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import on_a_garment
from cnn.ui.learn.figure import layers_at_work
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.next_steps import to_build
from cnn.ui.learn.question import Answer, question
from cnn.ui.state.session import Session

SMALLEST, LARGEST = 5, 28
_PADDINGS = {"valid": "Valid", "same": "Same"}
_TOP_LEFT = "convolution_1-map1-row1-column1"


@dataclass(frozen=True)
class Move:
    """How a window of `kernel` x `kernel` cells moves over `cells` x `cells`."""

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
        """Rows of zeros above and below, and as many columns left and right."""
        return padding_cells(self.cells, self.span, self.stride, self.padding)

    def block(self) -> ConvolutionBlock:
        """The convolution alone. Raises NetworkError for a stride with a dilation."""
        return ConvolutionBlock(
            1,
            self.kernel,
            self.stride,
            self.padding,
            activation=Activation("linear"),
            pooling=None,
            dilation=self.dilation,
        )


def show(session: Session, setup: Setup) -> None:
    """Draw it."""
    told, picture = st.columns([1, 2], gap="large")
    with picture:
        work = on_a_garment(session, setup.lesson)
        move = _controls(setup)
        try:
            layers, weights = beginning(move)
        except NetworkError as error:
            st.warning(f"{error} {_way_out(move)}", icon=":material/block:")
        else:
            image = work.image if move.cells == LARGEST else shrunk(work.image, move.cells)
            layers_at_work(
                setup.key("picture"), layers, weights, image, unit=_TOP_LEFT, padded=True
            )
    with told:
        _words(move)
        _ask(setup)
        _to_build(session, move)


def _controls(setup: Setup) -> Move:
    left, middle, right = st.columns(3)
    with left:
        cells = setup.whole("cells", "Image, cells a side", SMALLEST, LARGEST, LARGEST)
        padding: Padding = (
            "same" if setup.choice("padding", "Padding", _PADDINGS, "valid") == "same" else "valid"
        )
    with middle:
        kernel = setup.whole("kernel", "Kernel, cells a side", 1, 7, 3)
    with right:
        stride = setup.whole("stride", "Stride", 1, 4, 1)
    with middle:
        dilation = setup.whole("dilation", "Dilation", 1, 4, 1)
    return Move(cells, kernel, stride, padding, dilation)


def beginning(move: Move) -> tuple[Plan, NDArray[np.float32]]:
    """One convolution whose kernel takes the mean of what it covers, and its flat weights.

    Raises NetworkError with a sentence where there can be no such convolution.
    """
    whole = plan(Network((move.block(),)), (move.cells, move.cells, 1), 2)
    mean = np.full(move.kernel**2, 1 / move.kernel**2, np.float32)
    return whole.upto("convolution_1"), np.append(mean, np.float32(0))


def _way_out(move: Move) -> str:
    if move.stride > 1 and move.dilation > 1:
        return ""
    return "Take a larger image, a smaller kernel, less dilation, or same padding."


def _words(move: Move) -> None:
    st.markdown(
        "The cells under the kernel are its **window**; the kernel here takes their mean. **Valid**"
        " padding means none: the window stays inside, so the map has fewer rows and columns than the"
        " image. **Same** padding puts zeros around the image, so that with stride 1 the map is as"
        " large; its border then mixes with black. The **stride** is how many cells the window moves at"
        " a time. **Dilation** spreads the kernel's cells apart: it sees more with as many weights."
    )
    st.latex(formula(move))
    st.caption(_explained(move))
    with suppress(NetworkError):  # told beside the controls
        [line] = block_code(move.block())
        st.code(f"keras.{line}", language="python", wrap_lines=True)


def formula(move: Move) -> str:
    """The size of the map, with the numbers in it, in LaTeX."""
    if move.padding == "same":
        return rf"\left\lceil\frac{{{move.cells}}}{{{move.stride}}}\right\rceil = {move.output}"
    size = rf"\left\lfloor\frac{{{move.cells}-{move.span}}}{{{move.stride}}}\right\rfloor + 1"
    return f"{size} = {move.output}" if move.output > 0 else rf"{size} = {move.output} < 1"


def _explained(move: Move) -> str:
    spread = (
        f" The window spans {move.dilation} · ({move.kernel} − 1) + 1 = {move.span} cells."
        if move.dilation > 1
        else ""
    )
    if move.padding == "valid":
        return f"⌊(image − window) / stride⌋ + 1; ⌊ ⌋ rounds down.{spread}"
    before, after = move.zeros
    uneven = " Keras puts the odd one below and to the right." if before != after else ""
    return (
        f"⌈image / stride⌉; ⌈ ⌉ rounds up.{spread} Rows of zeros above: {before}, below: {after}; and as"
        f" many columns left and right.{uneven}"
    )


def _ask(setup: Setup) -> None:
    question(
        setup,
        "A 3 × 3 kernel moves over 28 × 28 cells with stride 2 and same padding. It needs one row of"
        " zeros. Where does Keras put it?",
        (
            Answer(
                "Above",
                "Other libraries pad both sides alike. Keras pads as little as it must: set it up and"
                " click the first and the last row of the map.",
            ),
            Answer(
                "Below",
                "14 windows, 2 cells apart, reach (14 − 1) · 2 + 3 = 29 cells: one more than there"
                " are. The window begins at the first row, so the zeros come last.",
                right=True,
            ),
            Answer(
                "Half above, half below",
                "A row cannot be halved. With an odd number of rows Keras puts the larger part below.",
            ),
        ),
    )


def _to_build(session: Session, move: Move) -> None:
    """Carry it into the first block of the article's network, where it fits there."""
    first = ARTICLE.blocks[0]
    try:
        changed = replace(
            first,
            kernel=move.kernel,
            stride=move.stride,
            padding=move.padding,
            dilation=move.dilation,
        )
    except NetworkError:
        return
    to_build(
        session, "Build with this window", replace(ARTICLE, blocks=(changed, *ARTICLE.blocks[1:]))
    )


LESSON = Lesson(
    "padding",
    "Padding and stride",
    "How a window moves over an image, and what happens at its border: **step the sweep**, or"
    " **click a corner** of the map.",
    show,
    (
        View("Valid padding: the map is smaller than the image"),
        View("Same padding: zeros at the border, and what they do to it", "padding-same"),
        View("Stride 3: rows and columns that nothing reads are hatched", "stride-3_kernel-2"),
        View(
            "Same padding with a stride: zeros below and to the right only", "padding-same_stride-2"
        ),
        View("Dilation: nine cells see a window of nine by nine", "dilation-4"),
        View("A window that does not fit: the sentence that says so", "cells-5_kernel-7"),
    ),
)
