"""Lesson: Convolution. One kernel of the visitor's own slides across an image."""

import re
from dataclasses import dataclass, replace
from math import isqrt

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.classic_kernels import CLASSIC_KERNELS, centered, mean, turned
from cnn.inspection.edits import Edits, KernelEdit
from cnn.inspection.forward import forward
from cnn.lessons.colorize import colorized
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, ConvolutionBlock, Network
from cnn.ui.common import formatting
from cnn.ui.common.kernel_table import fault, kernel_sheet, same, start_over
from cnn.ui.common.prose import read_prose, tex
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import Example, choose_item, network_figure, text_and_figure
from cnn.ui.learn.next_steps import to_build, to_inspect
from cnn.ui.learn.question import ask
from cnn.ui.state.session import Session

Array = NDArray[np.float32]
Pixels = NDArray[np.uint8]

PROSE = read_prose("convolution")

COLORS = ("red", "green", "blue")
LARGEST_KERNEL = 7
_LARGEST_WEIGHT = 1000.0
_TABLE_WIDTH = 310  # in screen pixels

_MEAN, _ZEROS, _OWN = "mean", "0", "own"
_CLASSIC = {re.sub("[^a-z]+", "-", kernel.name.lower()): kernel for kernel in CLASSIC_KERNELS}
_DEFAULT = "sobel-vertical-edges"
_NAMES = (
    {key: kernel.name for key, kernel in _CLASSIC.items()}
    | {_MEAN: "Mean of the window", _ZEROS: "All zeros"}
    | {_OWN: "My own numbers"}
)
_FIGURE = "learn-convolution"


@dataclass(frozen=True, eq=False)
class _Filter:
    """An image, one kernel (side, side, channels) over all its channels, and a bias.

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


def show(session: Session, controls: Controls) -> None:
    """Draw the lesson."""
    text, figure = text_and_figure()
    with figure:
        example = choose_item(session, controls.lesson)
        chosen = _choose_filter(controls, example.image)
        picture = Picture(chosen.plan, chosen.weights, chosen.image, (), enlarged=2, follows=True)
        network_figure(_FIGURE, picture)
    with text:
        _explain(chosen)
        if chosen.compared:
            _compare(chosen)
        ask(controls, PROSE)
        _next_steps(session, example, chosen)


def _explain(chosen: _Filter) -> None:
    size, _, channels = chosen.kernel.shape
    width = chosen.image.shape[1]
    over, index = (rf"\sum_{{d=1}}^{{{channels}}}", ",d") if channels > 1 else ("", "")
    PROSE.show("kernel", size=size, over=over, index=index)
    symbols = PROSE.text("symbols", bias=tex(chosen.bias))
    st.caption(f"{symbols} {PROSE.text('channel symbol')}" if channels > 1 else symbols)
    if channels > 1:
        PROSE.show("color")
    PROSE.show("colors of the map", width=width, size=size, side=width - size + 1)
    st.code(
        f"keras.layers.Conv2D(1, {size})\n# 1 map; {formatting.counted(chosen.kernel.size, 'weight')} + 1 bias",
        wrap_lines=True,
    )


def _compare(chosen: _Filter) -> None:
    """Compare cross-correlation and convolution by the maps that they make of the image."""
    maps = forward(chosen.plan, chosen.weights, chosen.image[None])["convolution_1"][0]
    difference = np.abs(maps[..., 0] - maps[..., 1])
    row, column = (int(place) for place in np.unravel_index(difference.argmax(), difference.shape))
    first, second = (formatting.number(float(value)) for value in maps[row, column])
    PROSE.show("comparison")
    rotated = turned(chosen.kernel)
    if np.array_equal(chosen.kernel, rotated):
        PROSE.show("equal maps", symmetric=_symmetric_kernels())
    elif np.array_equal(chosen.kernel, -rotated) and not chosen.bias:
        PROSE.show("opposite maps", row=row + 1, column=column + 1, first=first, second=second)
    else:
        PROSE.show("different maps", row=row + 1, column=column + 1, first=first, second=second)
    PROSE.show("comparison and learning")


def _symmetric_kernels() -> str:
    """List the classic kernels that a rotation by 180° does not change."""
    names = [
        kernel.name
        for kernel in CLASSIC_KERNELS
        if np.array_equal(kernel.sized(kernel.side), turned(kernel.sized(kernel.side)))
    ]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _next_steps(session: Session, example: Example, chosen: _Filter) -> None:
    size = len(chosen.kernel)
    first = example.plan.layer("convolution_1")
    place = f"{first.name}-map1"
    if chosen.kernel.shape == first.weights[0].shape[:3]:
        numbers = tuple(chosen.kernel.ravel().tolist())
        unit = st.session_state.get(f"{_FIGURE}-unit", "")
        to_inspect(
            session,
            "Use it as filter 1 of the trained network",
            example.run.id,
            example.number,
            unit if unit.startswith(f"{place}-") else place,
            Edits().with_kernel(KernelEdit(first.name, 0, 0, numbers)),
        )
    else:
        side, _, channels, _ = first.weights[0].shape
        PROSE.caption(
            "other kernel sizes",
            shape=formatting.shape((side, side)),
            input="a gray image" if channels == 1 else f"{channels} channels",
        )
    block = replace(ARTICLE.blocks[0], kernel=size)
    to_build(
        session,
        f"Build a network with {formatting.shape((size, size))} kernels",
        replace(ARTICLE, blocks=(block, *ARTICLE.blocks[1:])),
    )


def _choose_filter(controls: Controls, gray: Pixels) -> _Filter:
    """Draw the controls. `gray` is the image (height, width, 1), which can be shown in color."""
    left, right = st.columns(2)
    image = controls.choice("image", "Image", {"gray": "Gray", "color": "Color"}, "gray", at=left)
    channels = edited = ("kernel",) if image == "gray" else COLORS
    if image == "color":
        names = {"all": "All"} | {name: name.capitalize() for name in COLORS}
        channel = controls.choice("channel", "Kernel for channel", names, "all", at=right)
        edited = COLORS if channel == "all" else (channel,)
    texts = _kernel_texts(controls)
    left, right = st.columns([1, 1.2])
    with left:
        size = controls.whole("size", "Kernel size", 1, LARGEST_KERNEL, 3)
        _choose_classic(controls, texts, edited, size)
    with right:
        _edit_weights(controls, texts, edited, size)
        bias = controls.decimal("bias", "Bias", -2.0, 2.0, 0.0, 0.1)
    compared = controls.switch("turned", "Compare with the kernel rotated 180°")
    for name, text in texts.items():
        if text != _DEFAULT:
            controls.put(name, text)
    kernels = [centered(_kernel(texts[name], size), size) for name in channels]
    pixels = colorized(gray) if image == "color" else gray
    return _Filter(pixels, np.stack(kernels, axis=-1), bias, compared)


def _kernel_texts(controls: Controls) -> dict[str, str]:
    """Return each channel's kernel as the URL writes it: the name of a classic one, or numbers."""
    key = controls.key("kernels")
    if key not in st.session_state:
        kernels = {}
        for name in ("kernel", *COLORS):
            text = controls.from_url(name) or _DEFAULT
            try:
                _kernel(text, 1)
            except ValueError:
                controls.refuse(name, text, _NAMES[_DEFAULT])
                text = _DEFAULT
            kernels[name] = text
        st.session_state[key] = kernels
    texts: dict[str, str] = st.session_state[key]
    return texts


def _kernel(text: str, size: int) -> Array:
    """Return the kernel that a text stands for; only the mean has the `size` that is chosen.

    Raises ValueError if the text names no kernel and is not a square of numbers.
    """
    if text == _MEAN:
        return mean(size)
    if text in _CLASSIC:
        return _CLASSIC[text].sized(_CLASSIC[text].side)
    values = [float(part) for part in text.split("~")]
    side = isqrt(len(values))
    within = all(abs(value) <= _LARGEST_WEIGHT for value in values)
    if side * side != len(values) or side > LARGEST_KERNEL or not within:
        raise ValueError(text)
    return np.array(values, np.float32).reshape(side, side)


def _as_text(kernel: Array) -> str:
    return "~".join(f"{number + 0.0:.4g}" for number in kernel.ravel().tolist())


def _choose_classic(
    controls: Controls, texts: dict[str, str], channels: tuple[str, ...], size: int
) -> None:
    """Let a classic kernel be loaded, and show which one is loaded."""
    key = controls.key("preset")

    def load() -> None:
        wanted = st.session_state[key]
        for name in channels:
            current = centered(_kernel(texts[name], size), size)
            texts[name] = _as_text(current) if wanted == _OWN else wanted
        start_over(controls.key("sheet"))

    text = texts[channels[0]]
    st.session_state[key] = text if text in _NAMES else _OWN
    st.selectbox("Kernel", list(_NAMES), format_func=_NAMES.__getitem__, key=key, on_change=load)
    if text in _CLASSIC:
        st.caption(_CLASSIC[text].does)
    side = len(_kernel(text, size))
    if side > size:
        st.info(PROSE.text("too large", own=formatting.shape((side, side)), size=size))


def _edit_weights(
    controls: Controls, texts: dict[str, str], channels: tuple[str, ...], size: int
) -> None:
    """Let the weights be edited in a table."""
    current = centered(_kernel(texts[channels[0]], size), size)
    st.caption("Click a number to edit it")
    digits = "%.4g" if size < 5 else "%.2g"
    typed = kernel_sheet(controls.key("sheet"), channels, current, digits, _TABLE_WIDTH)
    if len({texts[name] for name in channels}) > 1:
        st.caption("This is the kernel for red. The others differ. An edit here changes all three.")
    problem = fault(typed) or _out_of_range(typed)
    if problem:
        st.error(problem, icon=":material/error:")
    elif not same(typed, current):
        for name in channels:
            texts[name] = _as_text(typed)
        st.rerun()


def _out_of_range(typed: Array) -> str | None:
    for (row, column), number in np.ndenumerate(typed):
        if abs(number) > _LARGEST_WEIGHT:
            return PROSE.text(
                "out of range",
                row=row + 1,
                column=column + 1,
                number=formatting.number(float(number)),
                limit=formatting.thousands(_LARGEST_WEIGHT),
            )
    return None
