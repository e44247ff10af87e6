"""Lesson: Pooling."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.forward import forward
from cnn.inspection.image.distortion import Distortion, distorted
from cnn.inspection.units import Unit, to_text
from cnn.lessons.pooling_winners import windows_won
from cnn.lessons.shift import ONE_PIXEL
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network, Pooling, PoolingKind
from cnn.operations import output_size
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork, on_a_garment
from cnn.ui.learn.figure import layers_at_work
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.lessons import pooling_shift
from cnn.ui.learn.next_steps import to_build
from cnn.ui.state.session import Session

LARGEST = 4
"""The largest window and stride offered: so much fits into both blocks of the article's network."""

_KINDS: dict[str, str] = {"max": "Max", "average": "Average"}
_SHIFTS = {"no": "As it is", "left": "Left", "right": "Right", "up": "Up", "down": "Down"}


@dataclass(frozen=True)
class _Choice:
    """What the controls are set to: the pooling, the filter from 0, where the image is moved to."""

    pooling: Pooling
    filter: int
    shift: str


def show(session: Session, setup: Setup) -> None:
    """Draw it."""
    told, picture = st.columns([1, 2], gap="large")
    with picture:
        work = on_a_garment(session, setup.lesson)
        choice = _controls(setup, work)
        _picture(setup, work, choice)
    with told:
        _words(work.plan.layer("pooling_1").input_shape[0], choice.pooling)
        answered = pooling_shift.predict(setup)
        to_build(session, "Build with this pooling", everywhere(choice.pooling))
        to_build(session, "Build without pooling", everywhere(None))
    if answered:
        with picture:
            direction = "right" if choice.shift == "no" else choice.shift
            pooling_shift.measured(session, direction, choice.pooling)


def everywhere(pooling: Pooling | None) -> Network:
    """The article's network with this pooling, or none, in both blocks."""
    return replace(ARTICLE, blocks=tuple(replace(one, pooling=pooling) for one in ARTICLE.blocks))


def _controls(setup: Setup, work: AtWork) -> _Choice:
    kind_place, size_place, stride_place = st.columns(3)
    with kind_place:
        kind = setup.choice("kind", "Pooling", _KINDS, "max")
    with size_place:
        size = setup.whole("size", "Window, cells a side", 1, LARGEST, 2)
    with stride_place:
        stride = setup.whole("stride", "Stride", 1, LARGEST, 2)
    filter_place, shift_place = st.columns([1, 2])
    filters = work.plan.layer("convolution_1").output_shape[2]
    names = {str(number): str(number) for number in range(1, filters + 1)}
    with filter_place:
        number = setup.choice("filter", "Map of Convolution 1", names, "1")
    with shift_place:
        shift = setup.choice("shift", "Move the image by one pixel", _SHIFTS, "no")
    pooled: PoolingKind = "max" if kind == "max" else "average"
    return _Choice(Pooling(pooled, size, stride), int(number) - 1, shift)


def beginning(work: AtWork, filter: int, pooling: Pooling) -> tuple[Plan, NDArray[np.float32]]:
    """The network's first block with one of its filters and another pooling; its flat weights."""
    block = replace(work.plan.network.blocks[0], filters=1, pooling=pooling)
    whole = plan(Network((block,)), work.plan.image_shape, work.plan.classes)
    arrays = work.plan.split(work.weights)
    kernel, bias = arrays["convolution_1/kernel"], arrays["convolution_1/bias"]
    return whole.upto("pooling_1"), np.append(kernel[..., filter], bias[filter])


def _picture(setup: Setup, work: AtWork, choice: _Choice) -> None:
    layers, weights = beginning(work, choice.filter, choice.pooling)
    image = distorted(work.image, ONE_PIXEL.get(choice.shift, Distortion()))
    values = forward(layers, weights, image[None])
    layers_at_work(
        setup.key("picture"),
        layers,
        weights,
        image,
        unit=_largest(layers, values["pooling_1"]),
        first="activation_1",
        winners=True,
    )
    if choice.pooling.kind == "max":
        st.caption(_passed_on(values["activation_1"], choice.pooling))


def _largest(layers: Plan, pooled: NDArray[np.float32]) -> str:
    """The largest cell of the only map, as a unit is written."""
    row, column = np.unravel_index(pooled[0, ..., 0].argmax(), pooled.shape[1:3])
    return to_text(Unit("pooling_1", 0, int(row), int(column)), layers)


def _passed_on(maps: NDArray[np.float32], pooling: Pooling) -> str:
    """How much of the one map on show max pooling passes on."""
    won = windows_won(maps, pooling.size, pooling.stride)
    cells, winners = won.size, int((won > 0).sum())
    windows = output_size(maps.shape[1], pooling.size, pooling.stride, "valid") ** 2
    decided = int(won.sum())
    undecided = f"; in the other {windows - decided} all cells are the same" * (decided < windows)
    return (
        f"Dots mark the {winners} of this map's {cells} cells ({formatting.percent(winners / cells, 0)}) that are"
        f" the largest of a window. {decided} of {windows} windows have a largest cell{undecided}."
    )


def _words(side: int, pooling: Pooling) -> None:
    """What pooling is, for maps of `side` x `side` cells, in words, as a formula and in Keras."""
    size, stride = pooling.size, pooling.stride
    pooled = output_size(side, size, stride, "valid")
    st.markdown(
        f"A window of {size} × {size} cells moves over a map, {stride} {'cell' if stride == 1 else 'cells'}"
        " at a time, and makes one number of what it covers. **Max pooling** passes on the largest:"
        " how clearly the pattern is there. **Average pooling** passes on the mean. Nothing is learned:"
        " there are no weights. Each map is pooled by itself and shrinks, which saves the layers behind"
        " it work. What is lost is where in the window the number stood. The map here has been through ReLU"
        " (lesson 5): what was below 0 is 0."
    )
    st.latex(rf"\left\lfloor\frac{{{side}-{size}}}{{{stride}}}\right\rfloor + 1 = {pooled}")
    st.caption(
        f"⌊(map − window) / stride⌋ + 1; ⌊ ⌋ rounds down: {side} × {side} cells become {pooled} × {pooled}."
    )
    st.code(keras_line(pooling), language="python", wrap_lines=True)


def keras_line(pooling: Pooling) -> str:
    """The layer in Keras; a stride as long as the window need not be written."""
    layer = {"max": "MaxPooling2D", "average": "AveragePooling2D"}[pooling.kind]
    stride = f", strides={pooling.stride}" if pooling.stride != pooling.size else ""
    return f"keras.layers.{layer}({pooling.size}{stride})"


LESSON = Lesson(
    "pooling",
    "Pooling",
    "Many numbers become one, the largest or their mean: **click any cell** behind the pooling.",
    show,
    (
        View("Max pooling: each window's largest cell goes on"),
        View("Average pooling: every cell counts", "kind-average"),
        View("Windows that overlap: one cell wins several", "size-3_stride-1"),
        View("A stride that leaves cells out: hatched", "stride-3"),
        View("One pixel to the right: what changes behind the pooling?", "shift-right"),
    ),
)
