"""A classifier applied at every position of a larger image; its convolutions are computed only once.

Nearby windows share most of their convolutions (Sermanet et al., 2013, OverFeat, section 3.2).
"""

from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from cnn import operations
from cnn.arrays import Array, Pixels
from cnn.inspection.forward import class_probabilities, scaled, through
from cnn.network.layers import Convolution, Flatten
from cnn.network.plan import Plan


@dataclass(frozen=True, eq=False)
class WindowPredictions:
    """Probabilities (rows, columns, classes) for square windows of `side` pixels, `step` pixels apart."""

    side: int
    step: int
    probabilities: Array

    def starts(self, axis: int) -> tuple[int, ...]:
        """The first pixel of each window along an axis: 0 is down, 1 is across."""
        return tuple(self.step * at for at in range(self.probabilities.shape[axis]))


@dataclass(frozen=True)
class Box:
    """A detection: the window's row and column, its class and that class's probability."""

    row: int
    column: int
    label: int
    probability: float


def predict_windows(plan: Plan, weights: Array, canvas: Pixels) -> WindowPredictions:
    """Predict every window of a uint8 canvas (height, width, channels), at least as large as a window.

    The result equals the predictions for each window cut out and classified alone. Raises ValueError
    for a network with same padding, whose windows would differ at their borders, or without flatten.
    """
    convolutional = list(takewhile(lambda one: not isinstance(one.operation, Flatten), plan.layers))
    operated = [one.operation for one in convolutional]
    if len(convolutional) == len(plan.layers) or any(
        isinstance(one, Convolution) and one.padding == "same" for one in operated
    ):
        raise ValueError(f"Expected valid padding and a flatten. Received: {plan.network}")
    arrays = plan.split(weights)
    maps = through(convolutional, scaled(canvas[None]), arrays)
    field = convolutional[-1].receptive_field if convolutional else None
    step, side = field.step if field else 1, plan.image_shape[0]
    rows, columns = ((size - side) // step + 1 for size in canvas.shape[:2])
    cells = plan.layers[len(convolutional)].input_shape[0]
    seen = operations.windows(maps, cells, 1)[0, :rows, :columns]
    x = seen.transpose(0, 1, 3, 4, 2).reshape(rows * columns, cells, cells, -1)
    outputs = through(plan.layers[len(convolutional) :], x, arrays)
    return WindowPredictions(side, step, class_probabilities(outputs).reshape(rows, columns, -1))


def multiply_accumulates(plan: Plan, whole: Plan, windows: int) -> int:
    """Count the cost of `predict_windows`: `whole` is the plan for the canvas, `windows` their number."""
    dense = sum(one.multiply_accumulates for one in plan.layers if len(one.output_shape) == 1)
    maps = sum(one.multiply_accumulates for one in whole.layers if len(one.output_shape) == 3)
    return maps + windows * dense


def non_maximum_suppression(
    predictions: WindowPredictions, minimum_confidence: float, maximum_overlap: float
) -> list[Box]:
    """Return the most confident windows that do not overlap a more confident one too much.

    Windows below `minimum_confidence` are left out. The overlap is the intersection over the union.
    The most confident window comes first.
    """
    labels = predictions.probabilities.argmax(axis=-1)
    confidence = predictions.probabilities.max(axis=-1)
    boxes: list[Box] = []
    for place in np.argsort(-confidence, axis=None, kind="stable").tolist():
        row, column = divmod(place, confidence.shape[1])
        box = Box(row, column, int(labels[row, column]), float(confidence[row, column]))
        if box.probability >= minimum_confidence and all(
            intersection_over_union(predictions, box, other) <= maximum_overlap for other in boxes
        ):
            boxes.append(box)
    return boxes


def intersection_over_union(predictions: WindowPredictions, first: Box, second: Box) -> float:
    """Return the pixels that two windows share, divided by the pixels in either."""
    side, step = predictions.side, predictions.step
    height = max(0, side - step * abs(first.row - second.row))
    width = max(0, side - step * abs(first.column - second.column))
    return height * width / (2 * side**2 - height * width)
