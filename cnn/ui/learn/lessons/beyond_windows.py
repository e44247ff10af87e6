"""What YOLO made short work of, to be moved: a classifier at every window of a larger canvas."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.features.patch import Patch
from cnn.inspection.forward import probabilities
from cnn.inspection.map_geometry import squares
from cnn.lessons.sliding_windows import Box, EveryWindow, every_window, kept, multiply_accumulates
from cnn.network.plan import plan
from cnn.ui.common import formatting
from cnn.ui.components.heat_map import HeatMap, heat_maps, message
from cnn.ui.components.patches import Shown, patches
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork

Pixels = NDArray[np.uint8]

_CANVAS = 56
_MOST_SHARED = 0.2
"""Of two windows that have more than a fifth of their pixels in common, the surer one is kept."""

_OTHERS = (("Trouser", 0, 28), ("Sneaker", 28, 0), ("Bag", 28, 28))
"""The garments that stay where they are: class, first row, first column."""


def windows(setup: Setup, at_work: AtWork, answered: bool) -> None:
    """The shipped classifier on a canvas with up to four garments, the first of which is moved.

    What it says of nothing is told when the question has been `answered`.
    """
    plans, side = at_work.plan, at_work.plan.image_shape[0]
    counts, down, across, sure = st.columns(4)
    with counts:
        garments = setup.whole("garments", "Garments", 0, 4, 4)
    with down:
        row = setup.whole("down", "First one down", 0, _CANVAS - side, 0)
    with across:
        column = setup.whole("right", "First one right", 0, _CANVAS - side, 0)
    with sure:
        percent = setup.whole("sure", "Surer than, in %", 50, 99, 90)
    canvas = _canvas(at_work, garments, row, column)
    found = every_window(plans, at_work.weights, canvas)
    boxes = kept(found, percent / 100, _MOST_SHARED)
    heat_maps(
        message(canvas, [_map(found, boxes, at_work, percent, answered)], at_work.data.classes),
        key="learn-windows",
    )
    if boxes:
        st.markdown("**What is kept**, the surest first:")
        patches(
            [_shown(box, found, canvas, at_work) for box in boxes], "learn-kept", None, side=112
        )
    whole = plan(plans.network, canvas.shape, plans.classes)
    count = found.probabilities[..., 0].size
    together = multiply_accumulates(plans, whole, count)
    st.caption(
        f"The convolutions read the canvas once, the dense layers each window:"
        f" {formatting.thousands(together)} multiply-accumulates, where {count} windows read one by one"
        f" take {formatting.thousands(count * plans.multiply_accumulates)}. The answers are the same."
    )


def of_nothing(at_work: AtWork) -> tuple[str, float]:
    """What the classifier answers to a black image, and how sure it is."""
    black = np.zeros((1, *at_work.plan.image_shape), np.uint8)
    [answer] = probabilities(at_work.plan, at_work.weights, black)
    return at_work.data.classes[int(answer.argmax())], float(answer.max())


def _canvas(at_work: AtWork, garments: int, row: int, column: int) -> Pixels:
    data, side = at_work.data, at_work.plan.image_shape[0]
    labels = data.labels[data.test]
    firsts = [data.test[labels == data.classes.index(name)][0] for name, *_ in _OTHERS]
    places = [(row, column), *((down, right) for _, down, right in _OTHERS)]
    canvas = np.zeros((_CANVAS, _CANVAS, 1), np.uint8)
    for number, (down, right) in list(zip([at_work.number, *firsts], places, strict=True))[
        :garments
    ]:
        part = canvas[down : down + side, right : right + side]
        np.maximum(part, data.dataset.images[number], out=part)
    return canvas


def _map(
    found: EveryWindow, boxes: list[Box], at_work: AtWork, percent: int, answered: bool
) -> HeatMap:
    surest = found.probabilities.max(axis=-1)
    answer, probability = of_nothing(at_work)
    sure = int((surest >= percent / 100).sum())
    facts = [
        f"{sure} windows are surer than {percent} %. Of those that overlap the surest is kept:"
        f" {len(boxes)}."
    ]
    limit = "What does it say where nothing is? The question asks it."
    if answered:
        facts.append(
            f"A window with nothing in it: {answer}, {formatting.percent(probability)} sure."
        )
        limit = (
            "A softmax shares out 100 % among ten garments and has no word for none of them: what"
            " lies between the garments is named, too."
        )
    return HeatMap(
        "The classifier's answer at every window",
        f"{surest.size} windows of {found.side} × {found.side} pixels, {found.step} pixels apart, a"
        " cell of the grid each. Point at a cell: its window, its class and how sure.",
        limit,
        tuple(facts),
        surest,
        squares(found.starts(0), found.side, _CANVAS),
        "probability of the class named",
        marks=found.probabilities.argmax(axis=-1),
        marked="the answer is",
        grid=f"The grid of answers: {surest.shape[0]} × {surest.shape[1]}",
        laid=False,
    )


def _shown(box: Box, found: EveryWindow, canvas: Pixels, at_work: AtWork) -> Shown:
    row, column = found.step * box.row, found.step * box.column
    pixels = canvas[row : row + found.side, column : column + found.side]
    name, sure = at_work.data.classes[box.label], formatting.percent(box.probability)
    where = f"row {row + 1}, column {column + 1}"
    return Shown(
        Patch(pixels, np.ones(pixels.shape[:2], np.bool_)),
        sure,
        name,
        where,
        f"{name}, {sure}, from {where} of the canvas on",
    )
