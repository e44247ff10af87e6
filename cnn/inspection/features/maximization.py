"""The input that makes a unit's value as large as it can: gradient ascent."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from cnn.arrays import Array, Numbers
from cnn.inspection.keras_values import USING, model_of
from cnn.inspection.units import Unit
from cnn.network.layers import Layer
from cnn.network.plan import Plan

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

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


def maximize(plan: Plan, weights: Array, unit: Unit, start: Array) -> Ascent:
    """Climb from `start`, float32 (height, width, channels) of 0 to 1, to a large value of `unit`.

    Activation maximization (Erhan et al., 2009): each step adds to the input the gradient of the
    value, scaled so that the pixels with a gradient move by `STEP` on average, and clips the pixels
    to 0..1. `weights` are flat; a unit of a map must name its cell. Runs on a worker.
    """
    place = np.array([unit.place])
    inputs, values, end = [start], [], None
    with USING:
        slope_of = _slope_of(model_of(plan, weights), unit.layer)
        while end is None:
            value, slope = (np.asarray(one) for one in slope_of(inputs[-1][None], place))
            values.append(value)
            moved, end = _next(inputs[-1], value, slope[0], len(values))
            inputs.append(moved)
    reached = np.array(values, dtype=np.float32)
    best = int(np.where(np.isfinite(reached), reached, -np.inf).argmax())
    return Ascent(start, inputs[best], reached, best, end)


def _next(x: Array, value: Array, slope: Array, evaluated: int) -> tuple[Array, End | None]:
    """The input after one step more, or why there is none."""
    if not (np.isfinite(value) and np.isfinite(slope).all()):
        return x, "broken"
    moving = slope != 0
    if not moving.any():
        return x, "flat"
    if evaluated > STEPS:
        return x, "steps"
    # In double precision, for the gradient may be all but 0.
    scaled = slope.astype(np.float64) / np.abs(slope[moving], dtype=np.float64).mean()
    moved = np.clip(x + STEP * scaled, 0, 1).astype(np.float32)
    return moved, "corner" if np.array_equal(moved, x) else None


# By the model, not the plan: a model made anew for the same plan must not be taken for the old one.
@lru_cache(maxsize=8)
def _slope_of(
    model: "keras.Sequential", layer: str
) -> Callable[[Array, Numbers], "tuple[tf.Tensor, tf.Tensor]"]:
    """The function that gives a unit's value for an image (1, ...), and the value's gradient."""
    import keras
    import tensorflow as tf

    part = keras.Model(model.inputs[0], model.get_layer(layer).output)

    @tf.function(reduce_retracing=True)
    def value_and_slope(image: tf.Tensor, place: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            value = tf.gather_nd(part(image, training=False)[0], place)[0]
        return value, tape.gradient(value, image)

    traced: Callable[[Array, Numbers], tuple[tf.Tensor, tf.Tensor]] = value_and_slope
    return traced
