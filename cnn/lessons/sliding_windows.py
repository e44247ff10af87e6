"""A classifier read at every place of a larger image, its convolutions done once for all of them.

Sermanet et al. (2013), OverFeat, section 3.2: neighboring windows share what they see.
"""

from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from cnn import operations
from cnn.inspection.forward import apply, class_probabilities, scaled
from cnn.network.layers import Convolution, Flatten
from cnn.network.plan import Plan

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class EveryWindow:
    """The probabilities (rows, columns, classes) of windows of `side` pixels, `step` pixels apart."""

    side: int
    step: int
    probabilities: Array

    def starts(self, axis: int) -> tuple[int, ...]:
        """The first pixels of the windows along an axis, 0 down and 1 across."""
        return tuple(self.step * at for at in range(self.probabilities.shape[axis]))


@dataclass(frozen=True)
class Box:
    """A window that is kept: its place among the windows, its class and that class's probability."""

    row: int
    column: int
    label: int
    probability: float


def every_window(plan: Plan, weights: Array, canvas: NDArray[np.uint8]) -> EveryWindow:
    """The answers to all windows of a uint8 canvas (height, width, channels), no smaller than one.

    They are those that the network gives for each window cut out. Raises ValueError for a network
    with padding, whose windows would see their own borders, or without a flatten.
    """
    convolutional = list(takewhile(lambda one: not isinstance(one.operation, Flatten), plan.layers))
    operated = [one.operation for one in convolutional]
    if len(convolutional) == len(plan.layers) or any(
        isinstance(one, Convolution) and one.padding == "same" for one in operated
    ):
        raise ValueError(f"Expected valid padding and a flatten. Received: {plan.network}")
    arrays = plan.split(weights)
    maps = scaled(canvas[None])
    for layer in convolutional:
        maps = apply(layer, maps, arrays)
    field = convolutional[-1].receptive_field if convolutional else None
    step, side = field.step if field else 1, plan.image_shape[0]
    rows, columns = ((size - side) // step + 1 for size in canvas.shape[:2])
    cells = plan.layers[len(convolutional)].input_shape[0]
    seen = operations.windows(maps, cells, 1)[0, :rows, :columns]
    x = seen.transpose(0, 1, 3, 4, 2).reshape(rows * columns, cells, cells, -1)
    for layer in plan.layers[len(convolutional) :]:
        x = apply(layer, x, arrays)
    return EveryWindow(side, step, class_probabilities(x).reshape(rows, columns, -1))


def multiply_accumulates(plan: Plan, whole: Plan, windows: int) -> int:
    """Those of `every_window`: `whole` is the plan for the canvas, `windows` how many answer."""
    dense = sum(one.multiply_accumulates for one in plan.layers if len(one.output_shape) == 1)
    maps = sum(one.multiply_accumulates for one in whole.layers if len(one.output_shape) == 3)
    return maps + windows * dense


def kept(answers: EveryWindow, at_least: float, most_shared: float) -> list[Box]:
    """The surest windows, none of which share more than `most_shared` of their area with a surer one.

    Windows less sure than `at_least` are left out. The surest comes first. (Non-maximum suppression,
    with the intersection over the union as what is shared.)
    """
    labels = answers.probabilities.argmax(axis=-1)
    surest = answers.probabilities.max(axis=-1)
    found: list[Box] = []
    for at in np.argsort(-surest, axis=None, kind="stable").tolist():
        row, column = divmod(at, surest.shape[1])
        probability = float(surest[row, column])
        box = Box(row, column, int(labels[row, column]), probability)
        if probability >= at_least and all(
            shared(answers, box, other) <= most_shared for other in found
        ):
            found.append(box)
    return found


def shared(answers: EveryWindow, one: Box, other: Box) -> float:
    """The pixels that two windows have in common, as a share of those in either."""
    apart = (answers.step * abs(one.row - other.row), answers.step * abs(one.column - other.column))
    both = max(0, answers.side - apart[0]) * max(0, answers.side - apart[1])
    return both / (2 * answers.side**2 - both)
