"""Lesson: Padding and stride. How one window moves across an image."""

from contextlib import suppress
from dataclasses import replace

import streamlit as st

from cnn.inspection.image.picture import shrunk
from cnn.lessons.moving_window import Window, mean_convolution
from cnn.network.keras_code import keras_lines
from cnn.network.presets import ARTICLE
from cnn.network.spec import NetworkError
from cnn.ui.common.formatting import escaped
from cnn.ui.common.glossary import definition
from cnn.ui.common.prose import read_prose
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.figure import choose_item, network_figure
from cnn.ui.learn.lesson_page import LessonPage

PROSE = read_prose("padding")

SMALLEST_IMAGE, LARGEST_IMAGE = 5, 28
_TOP_LEFT = "convolution_1-map1-row1-column1"


def show(page: LessonPage) -> None:
    with page.figure:
        item = choose_item(page)
        window = _choose_window(page)
        try:
            layers, weights = mean_convolution(window)
        except NetworkError as error:
            # Of a stride together with a dilation, the error itself says what to do.
            both = window.stride > 1 and window.dilation > 1
            way_out = "" if both else PROSE.text("way out")
            st.warning(f"{escaped(str(error))} {way_out}", icon=":material/block:")
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
            [line] = keras_lines(window.block.operations())
            st.code(f"keras.{line}", wrap_lines=True)
        page.ask()
        with suppress(NetworkError):
            first = window.within(ARTICLE.blocks[0])
            network = replace(ARTICLE, blocks=(first, *ARTICLE.blocks[1:]))
            page.to_build("Build a network with this window", network)


def _choose_window(page: LessonPage) -> Window:
    left, middle, right = st.columns(3)
    with left:
        cells = page.slider("cells", "Image size", SMALLEST_IMAGE, LARGEST_IMAGE, LARGEST_IMAGE)
        same = page.choice("padding", "Padding", PROSE.options("paddings")) == "same"
    with middle:
        kernel = page.slider("kernel", "Kernel size", 1, 7, 3)
        dilation = page.slider("dilation", "Dilation", 1, 4, 1, help=definition("dilation"))
    stride = page.slider("stride", "Stride", 1, 4, 1, help=definition("stride"), at=right)
    return Window(cells, kernel, stride, "same" if same else "valid", dilation)


def formula(window: Window) -> str:
    """Return the size of the map with its numbers, in LaTeX."""
    cells, stride, output = window.cells, window.stride, window.output
    if window.padding == "same":
        return rf"\left\lceil\frac{{{cells}}}{{{stride}}}\right\rceil = {output}"
    size = (
        rf"\left\lfloor\frac{{{cells}-{window.side.span}}}{{{stride}}}\right\rfloor + 1 = {output}"
    )
    return size if output > 0 else f"{size} < 1"


def _size_in_words(window: Window) -> str:
    side = window.side
    sentences = [PROSE.text("valid size")]
    if window.padding == "same":
        sentences = [PROSE.text("same size", side=side)]
        if side.before != side.after:
            sentences.append(PROSE.text("uneven zeros"))
    if window.dilation > 1:
        sentences.append(PROSE.text("span", window=window))
    return " ".join(sentences)
