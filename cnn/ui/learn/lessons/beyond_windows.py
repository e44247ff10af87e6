"""Lesson: Where to go next. A classifier slides across a larger canvas, as detectors once did."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.features.patch import Patch
from cnn.inspection.forward import probabilities
from cnn.inspection.map_geometry import squares
from cnn.lessons.sliding_windows import (
    Box,
    WindowPredictions,
    multiply_accumulates,
    non_maximum_suppression,
    predict_windows,
)
from cnn.network.plan import plan
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_prose
from cnn.ui.components.heat_map import HeatMap, heat_maps, message
from cnn.ui.components.patches import Shown, patches
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.example_run import Example

Pixels = NDArray[np.uint8]

PROSE = read_prose("beyond")

_CANVAS = 56
_MAXIMUM_OVERLAP = 0.2
"""Of two windows with an intersection over union above a fifth, only the more confident is kept."""

_OTHER_ITEMS = (("Trouser", 0, 28), ("Sneaker", 28, 0), ("Bag", 28, 28))
"""The items that stay in place: class, first row, first column."""


def show_windows(controls: Controls, example: Example, answered: bool) -> None:
    """Show the example run on a canvas with up to four items, the first of which can be moved.

    What it predicts for an empty window is shown once the question has been `answered`.
    """
    side = example.plan.image_shape[0]
    count_place, down_place, right_place, confidence_place = st.columns([0.8, 1.1, 1.1, 1.3])
    with count_place:
        items = controls.whole("garments", "Items", 0, 4, 4)
    with down_place:
        row = controls.whole("down", "Move first down", 0, _CANVAS - side, 0)
    with right_place:
        column = controls.whole("right", "Move first right", 0, _CANVAS - side, 0)
    with confidence_place:
        minimum = controls.whole("sure", "Minimum confidence", 50, 99, 90)
    canvas = _canvas(example, items, row, column)
    predictions = predict_windows(example.plan, example.weights, canvas)
    boxes = non_maximum_suppression(predictions, minimum / 100, _MAXIMUM_OVERLAP)
    heat_map = _heat_map(predictions, boxes, example, minimum, answered)
    heat_maps(message(canvas, [heat_map], example.data.classes), key="learn-windows")
    if boxes:
        st.markdown(PROSE.text("kept windows"))
        patches(
            [_patch(box, predictions, canvas, example) for box in boxes],
            "learn-kept",
            None,
            side=112,
        )
    whole = plan(example.plan.network, canvas.shape, example.plan.classes)
    count = predictions.probabilities[..., 0].size
    st.caption(
        PROSE.text(
            "window cost",
            together=formatting.thousands(multiply_accumulates(example.plan, whole, count)),
            count=count,
            separately=formatting.thousands(count * example.plan.multiply_accumulates),
        )
    )


def predict_nothing(example: Example) -> tuple[str, float]:
    """Return the class that is predicted for a black image, and its probability."""
    black = np.zeros((1, *example.plan.image_shape), np.uint8)
    [prediction] = probabilities(example.plan, example.weights, black)
    return example.data.classes[int(prediction.argmax())], float(prediction.max())


def _canvas(example: Example, items: int, row: int, column: int) -> Pixels:
    data, side = example.data, example.plan.image_shape[0]
    labels = data.labels[data.test]
    others = [data.test[labels == data.classes.index(name)][0] for name, *_ in _OTHER_ITEMS]
    places = [(row, column), *((down, right) for _, down, right in _OTHER_ITEMS)]
    canvas = np.zeros((_CANVAS, _CANVAS, 1), np.uint8)
    placed = list(zip([example.number, *others], places, strict=True))[:items]
    for number, (down, right) in placed:
        part = canvas[down : down + side, right : right + side]
        np.maximum(part, data.dataset.images[number], out=part)
    return canvas


def _heat_map(
    predictions: WindowPredictions,
    boxes: list[Box],
    example: Example,
    minimum: int,
    answered: bool,
) -> HeatMap:
    confidence = predictions.probabilities.max(axis=-1)
    rows, columns = confidence.shape
    facts = [
        PROSE.text(
            "windows kept",
            minimum=minimum,
            confident=int((confidence >= minimum / 100).sum()),
            kept=len(boxes),
        )
    ]
    limit = PROSE.text("ask about nothing")
    if answered:
        predicted, probability = predict_nothing(example)
        facts.append(
            PROSE.text(
                "empty window", predicted=predicted, confidence=formatting.percent(probability)
            )
        )
        limit = PROSE.text("limit")
    return HeatMap(
        "The prediction for every window",
        PROSE.text(
            "window map", count=confidence.size, side=predictions.side, step=predictions.step
        ),
        limit,
        tuple(facts),
        confidence,
        squares(predictions.starts(0), predictions.side, _CANVAS),
        "probability of the predicted class",
        marks=predictions.probabilities.argmax(axis=-1),
        marked="prediction:",
        grid=f"The grid of predictions: {rows} × {columns}",
        laid=False,
    )


def _patch(box: Box, predictions: WindowPredictions, canvas: Pixels, example: Example) -> Shown:
    row, column = predictions.step * box.row, predictions.step * box.column
    pixels = canvas[row : row + predictions.side, column : column + predictions.side]
    name, confidence = example.data.classes[box.label], formatting.percent(box.probability)
    place = f"row {row + 1}, column {column + 1}"
    return Shown(
        Patch(pixels, np.ones(pixels.shape[:2], np.bool_)),
        confidence,
        name,
        place,
        f"{name}, {confidence}, with its first pixel at {place} of the canvas",
    )
