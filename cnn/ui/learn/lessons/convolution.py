"""Lesson: Convolution. One kernel of the visitor's own slides across an image."""

from dataclasses import replace

import numpy as np
import streamlit as st

from cnn.arrays import Array, Pixels
from cnn.inspection.classic_kernels import turned
from cnn.inspection.edits import Edits, KernelEdit
from cnn.inspection.forward import forward
from cnn.lessons import own_kernel
from cnn.lessons.colorize import colorized
from cnn.network.presets import ARTICLE
from cnn.ui.common import formatting
from cnn.ui.common.kernel_table import fault, kernel_sheet, same, start_over
from cnn.ui.common.prose import read_prose
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.figure import Example, choose_item, network_figure
from cnn.ui.learn.lesson_page import LessonPage

PROSE = read_prose("convolution")

_TABLE_WIDTH = 310  # in screen pixels

_OWN, _DEFAULT = "own", "sobel-vertical-edges"
_NAMES = {key: kernel.name for key, kernel in own_kernel.CLASSIC.items()} | PROSE.options("kernels")


def show(page: LessonPage) -> None:
    with page.figure:
        item = choose_item(page)
        chosen = _choose_filter(page, item.image)
        picture = Picture(chosen.plan, chosen.weights, chosen.image, (), enlarged=2, follows=True)
        unit = network_figure("learn-convolution", picture)
    with page.text:
        _explain(chosen)
        if chosen.compared:
            _compare(chosen)
        page.ask()
        _next_steps(page, item, chosen, unit or "")


def _explain(chosen: own_kernel.Filter) -> None:
    size, _, channels = chosen.kernel.shape
    width = chosen.image.shape[1]
    over, index = (rf"\sum_{{d=1}}^{{{channels}}}", ",d") if channels > 1 else ("", "")
    PROSE.show("kernel", size=size, over=over, index=index)
    symbols = PROSE.text("symbols", bias=chosen.bias)
    st.caption(f"{symbols} {PROSE.text('channel symbol')}" if channels > 1 else symbols)
    if channels > 1:
        PROSE.show("color")
    PROSE.show("colors of the map", width=width, size=size, side=width - size + 1)
    PROSE.code("code", size=size, weights=formatting.counted(chosen.kernel.size, "weight"))


def _compare(chosen: own_kernel.Filter) -> None:
    """Compare cross-correlation and convolution by the maps that they make of the image."""
    maps = forward(chosen.plan, chosen.weights, chosen.image[None])["convolution_1"][0]
    difference = np.abs(maps[..., 0] - maps[..., 1])
    row, column = np.unravel_index(difference.argmax(), difference.shape)
    first, second = (formatting.number(float(value)) for value in maps[row, column])
    PROSE.show("comparison")
    rotated = turned(chosen.kernel)
    if np.array_equal(chosen.kernel, rotated):
        PROSE.show("equal maps")
    elif np.array_equal(chosen.kernel, -rotated) and not chosen.bias:
        PROSE.show("opposite maps", row=row + 1, column=column + 1, first=first, second=second)
    else:
        PROSE.show("different maps", row=row + 1, column=column + 1, first=first, second=second)
    PROSE.show("comparison and learning")


def _next_steps(page: LessonPage, item: Example, chosen: own_kernel.Filter, unit: str) -> None:
    size = len(chosen.kernel)
    first = item.plan.layer("convolution_1")
    place = f"{first.name}-map1"
    if chosen.kernel.shape == first.weights[0].shape[:3]:
        numbers = tuple(chosen.kernel.ravel().tolist())
        edits = Edits().with_kernel(KernelEdit(first.name, 0, 0, numbers))
        selected = unit if unit.startswith(f"{place}-") else place
        label = "Use it as filter 1 of the trained network"
        page.to_inspect(label, item.run.id, item.number, selected, edits)
    else:
        PROSE.caption("other kernel sizes", shape=formatting.shape(first.weights[0].shape[:2]))
    block = replace(ARTICLE.blocks[0], kernel=size)
    label = f"Build a network with {formatting.shape((size, size))} kernels"
    page.to_build(label, replace(ARTICLE, blocks=(block, *ARTICLE.blocks[1:])))


def _choose_filter(page: LessonPage, gray: Pixels) -> own_kernel.Filter:
    """Draw the controls. `gray` is the image (height, width, 1), which can be shown in color."""
    left, right = st.columns(2)
    image = page.choice("image", "Image", PROSE.options("images"), at=left)
    channels = edited = ("kernel",) if image == "gray" else formatting.COLORS
    if image == "color":
        channel = page.choice("channel", "Kernel for channel", PROSE.options("channels"), at=right)
        edited = formatting.COLORS if channel == "all" else (channel,)
    texts = {
        name: page.kept(name, _DEFAULT, own_kernel.from_text, _NAMES[_DEFAULT])
        for name in ("kernel", *formatting.COLORS)
    }
    left, right = st.columns([1, 1.2])
    with left:
        size = page.slider("size", "Kernel size", 1, own_kernel.LARGEST_SIDE, 3)
        _choose_classic(page, texts, edited, size)
    with right:
        _edit_weights(page, texts, edited, size)
        bias = page.slider("bias", "Bias", -2.0, 2.0, 0.0, 0.1)
    compared = page.switch("turned", "Compare with the kernel rotated 180°")
    kernels = [own_kernel.sized(texts[name], size) for name in channels]
    pixels = colorized(gray) if image == "color" else gray
    return own_kernel.Filter(pixels, np.stack(kernels, axis=-1), bias, compared)


def _choose_classic(
    page: LessonPage, texts: dict[str, str], channels: tuple[str, ...], size: int
) -> None:
    """Let a classic kernel be loaded, and show which one is loaded."""
    key = page.key("preset")

    def load() -> None:
        wanted = st.session_state[key]
        for name in channels:
            current = own_kernel.sized(texts[name], size)
            text = own_kernel.to_text(current) if wanted == _OWN else wanted
            st.session_state[page.key(name)] = text
        start_over(page.key("sheet"))

    text = texts[channels[0]]
    st.session_state[key] = text if text in _NAMES else _OWN
    st.selectbox("Kernel", list(_NAMES), format_func=_NAMES.__getitem__, key=key, on_change=load)
    if text in own_kernel.CLASSIC:
        st.caption(own_kernel.CLASSIC[text].does)
    side = len(own_kernel.from_text(text, size))
    if side > size:
        st.info(PROSE.text("too large", own=formatting.shape((side, side)), size=size))


def _edit_weights(
    page: LessonPage, texts: dict[str, str], channels: tuple[str, ...], size: int
) -> None:
    current = own_kernel.sized(texts[channels[0]], size)
    st.caption("Click a number to edit it")
    digits = "%.4g" if size < 5 else "%.2g"
    typed = kernel_sheet(page.key("sheet"), channels, current, digits, _TABLE_WIDTH)
    if len({texts[name] for name in channels}) > 1:
        PROSE.caption("another kernel")
    problem = fault(typed) or _out_of_range(typed)
    if problem:
        st.error(problem, icon=":material/error:")
    elif not same(typed, current):
        for name in channels:
            st.session_state[page.key(name)] = own_kernel.to_text(typed)
        st.rerun()


def _out_of_range(typed: Array) -> str | None:
    places = np.argwhere(np.abs(typed) > own_kernel.LARGEST_WEIGHT)
    if not len(places):
        return None
    row, column = places[0]
    number, limit = formatting.number(float(typed[row, column])), own_kernel.LARGEST_WEIGHT
    return PROSE.text("out of range", row=row + 1, column=column + 1, number=number, limit=limit)
