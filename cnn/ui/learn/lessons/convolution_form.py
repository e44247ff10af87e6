"""The controls of the lesson on convolution: an image, kernels, a bias."""

import re
from dataclasses import dataclass
from math import isqrt

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.classic_kernels import CLASSIC_KERNELS, centered, mean, turned
from cnn.lessons.colorize import dyed
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, Network
from cnn.ui.common import formatting
from cnn.ui.common.kernel_table import fault, kernel_sheet, same, start_over
from cnn.ui.learn.controls import Setup

Array = NDArray[np.float32]
Pixels = NDArray[np.uint8]

COLORS = ("red", "green", "blue")
_LARGEST = 7
_MOST = 1000.0
_WIDTH = 310  # pixels for the table of numbers

_MEAN, _ZEROS, _OWN = "mean", "0", "own"
_CLASSICS = {re.sub("[^a-z]+", "-", one.name.lower()): one for one in CLASSIC_KERNELS}
_USUAL = "sobel-upright-edges"
_NAMES = (
    {key: kernel.name for key, kernel in _CLASSICS.items()}
    | {_MEAN: "Mean of the window", _ZEROS: "All zeros"}
    | {_OWN: "Numbers of my own"}
)


@dataclass(frozen=True, eq=False)
class Chosen:
    """What is set: an image, one kernel (side, side, channels) over all its channels, a bias.

    `compared` asks for a second filter, with the kernel turned by 180°.
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


def form(setup: Setup, gray: Pixels) -> Chosen:
    """Draw the controls. `gray` is the image, (height, width, 1), which can be had in color."""
    left, right = st.columns(2)
    with left:
        picked = setup.choice("image", "Image", {"gray": "Gray", "color": "Color"}, "gray")
        channels = shown = ("kernel",) if picked == "gray" else COLORS
    if picked == "color":
        names = {"all": "All"} | {name: name.capitalize() for name in COLORS}
        with right:
            one = setup.choice("channel", "Kernel for channel", names, "all")
            shown = COLORS if one == "all" else (one,)
    texts = _texts(setup)
    left, right = st.columns([1, 1.2])
    with left:
        size = setup.whole("size", "Kernel size", 1, _LARGEST, 3)
        _presets(setup, texts, shown, size)
        compared = setup.switch("turned", "Beside it, turned by 180°")
    with right:
        _typed(setup, texts, shown, size)
        bias = setup.decimal("bias", "Bias", -2.0, 2.0, 0.0, 0.1)
    for name, text in texts.items():
        if text != _USUAL:
            setup.put(name, text)
    kernels = [centered(_own(texts[name], size), size) for name in channels]
    image = dyed(gray) if picked == "color" else gray
    return Chosen(image, np.stack(kernels, axis=-1), bias, compared)


def _texts(setup: Setup) -> dict[str, str]:
    """Each channel's kernel as the address writes it: a classic one's name, or its numbers."""
    key = setup.key("kernels")
    if key not in st.session_state:
        found = {}
        for name in ("kernel", *COLORS):
            text = setup.given(name) or _USUAL
            try:
                _own(text, 1)
            except ValueError:
                setup.refuse(name, text, _NAMES[_USUAL])
                text = _USUAL
            found[name] = text
        st.session_state[key] = found
    texts: dict[str, str] = st.session_state[key]
    return texts


def _own(text: str, size: int) -> Array:
    """The numbers that a text stands for, as many as it has. Raises ValueError where it has none."""
    if text == _MEAN:
        return mean(size)
    if text in _CLASSICS:
        return _CLASSICS[text].sized(_CLASSICS[text].side)
    values = [float(part) for part in text.split("~")]
    side = isqrt(len(values))
    if side * side != len(values) or side > _LARGEST or not all(abs(v) <= _MOST for v in values):
        raise ValueError(text)
    return np.array(values, np.float32).reshape(side, side)


def _written(kernel: Array) -> str:
    return "~".join(f"{number + 0.0:.4g}" for number in kernel.ravel().tolist())


def _presets(setup: Setup, texts: dict[str, str], channels: tuple[str, ...], size: int) -> None:
    """Load a classic kernel; shows which one it is."""
    key = setup.key("preset")

    def load() -> None:
        wanted = st.session_state[key]
        for name in channels:
            now = centered(_own(texts[name], size), size)
            texts[name] = _written(now) if wanted == _OWN else wanted
        start_over(setup.key("sheet"))

    text = texts[channels[0]]
    st.session_state[key] = text if text in _NAMES else _OWN
    st.selectbox("Kernel", list(_NAMES), format_func=_NAMES.__getitem__, key=key, on_change=load)
    if text in _CLASSICS:
        st.caption(_CLASSICS[text].does)
    side = len(_own(text, size))
    if side > size:
        st.info(
            f"This kernel has {formatting.shape((side, side))} numbers. In one of"
            f" {formatting.shape((size, size))} there is room for those in its middle only."
        )


def _typed(setup: Setup, texts: dict[str, str], channels: tuple[str, ...], size: int) -> None:
    """The numbers, to be typed over."""
    now = centered(_own(texts[channels[0]], size), size)
    st.caption("Click a number to type over it")
    written = "%.4g" if size < 5 else "%.2g"
    typed = kernel_sheet(setup.key("sheet"), channels, now, written, _WIDTH)
    if len({texts[name] for name in channels}) > 1:
        st.caption("These are red's; the others differ. What is typed here goes to all three.")
    wrong = fault(typed) or _too_large(typed)
    if wrong:
        st.error(wrong, icon=":material/error:")
    elif not same(typed, now):
        for name in channels:
            texts[name] = _written(typed)
        st.rerun()


def _too_large(typed: Array) -> str | None:
    for (row, column), number in np.ndenumerate(typed):
        if abs(number) > _MOST:
            return (
                f"Row {row + 1}, column {column + 1} is {formatting.number(float(number))}; this lesson"
                f" takes numbers from −{_MOST:g} to {_MOST:g}. Until then the kernel stays as it was."
            )
    return None
