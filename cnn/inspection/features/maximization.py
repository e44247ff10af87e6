"""What is climbed by gradient ascent on the input, from where, and what came of it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cnn.arrays import Array
from cnn.inspection.units import Unit
from cnn.network.layers import Layer
from cnn.network.plan import Plan

STEPS = 100
STEP = 0.02
"""How far a step moves, on average, the pixels that matter; pixels are 0 to 1."""

GRAY = 0.5
NOISE = 0.05
SEED = 0

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
    upto = plan.upto(layer).layers
    climbed = next((one for one in reversed(upto) if _adds_up(one)), upto[0])
    if len(climbed.output_shape) == 1:
        return Unit(climbed.name, channel)
    rows, columns, _ = climbed.output_shape
    return Unit(climbed.name, channel, rows // 2, columns // 2)


def _adds_up(layer: Layer) -> bool:
    """False for an activation, pooling or dropout: each passes on what another layer computed."""
    return bool(layer.weights) or len(layer.output_shape) < len(layer.input_shape)


def gray(shape: tuple[int, int, int]) -> Array:
    """The usual start: every pixel 0.5 plus noise, even between -0.05 and 0.05, the same each time."""
    noise = np.random.default_rng(SEED).uniform(-NOISE, NOISE, shape)
    return (GRAY + noise).astype(np.float32)
