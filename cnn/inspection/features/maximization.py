"""What is climbed by gradient ascent on the input, from where, and what came of it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnn.inspection.units import Unit
from cnn.network.layers import Dropout, Softmax
from cnn.network.plan import Plan
from cnn.network.spec import Activation, Pooling

STEPS = 100
STEP = 0.02
"""How far a step moves, on average, the pixels that matter; pixels are 0 to 1."""

GRAY = 0.5
NOISE = 0.05
SEED = 0

Array = NDArray[np.float32]
End = Literal["steps", "corner", "flat", "broken"]


@dataclass(frozen=True, eq=False)
class Ascent:
    """How far the value of a unit was brought by changing the input.

    `start` and `result` are float32 (height, width, channels), 0 to 1; `values` are those of the
    start and after each step, `best` the step that gave the largest, which is that of `result`.
    `end` says why there were no more steps: "steps" all were made, "corner" no pixel that matters
    can move any further, "flat" the value does not depend on any pixel there, "broken" it or its
    gradient is not a number.
    """

    start: Array
    result: Array
    values: Array
    best: int
    end: End


def aim(plan: Plan, layer: str, channel: int) -> Unit:
    """The unit to climb for a map or unit: before its activation and pooling, in the map's middle.

    An activation may be flat (ReLU below 0, a full sigmoid) and would give the climb no direction.
    """
    at = plan.layers.index(plan.layer(layer))
    while isinstance(plan.layers[at].operation, Activation | Softmax | Dropout | Pooling):
        at -= 1
    climbed = plan.layers[at]
    if len(climbed.output_shape) == 1:
        return Unit(climbed.name, channel)
    rows, columns, _ = climbed.output_shape
    return Unit(climbed.name, channel, rows // 2, columns // 2)


def gray(shape: tuple[int, int, int]) -> Array:
    """The usual start: every pixel 0.5 plus noise, even between -0.05 and 0.05, the same each time."""
    noise = np.random.default_rng(SEED).uniform(-NOISE, NOISE, shape)
    return (GRAY + noise).astype(np.float32)
