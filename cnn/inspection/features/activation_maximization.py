"""The input that makes a unit's value as large as it can: gradient ascent. Runs on a worker."""

from collections.abc import Callable
from functools import lru_cache

import keras
import numpy as np
import tensorflow as tf

from cnn.arrays import Array
from cnn.inspection import keras_values
from cnn.inspection.features.maximization import STEP, STEPS, Ascent, End
from cnn.inspection.units import Unit
from cnn.network.plan import Plan

_Slope = Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def maximize(plan: Plan, weights: Array, unit: Unit, start: Array) -> Ascent:
    """Climb from `start`, float32 (height, width, channels) of 0 to 1, to a large value of `unit`.

    Activation maximization (Erhan et al., 2009): each step adds to the input the gradient of the
    value, scaled so that the pixels with a gradient move by `STEP` on average, and clips the pixels
    to 0..1. `weights` are flat; a unit of a map must name its cell.
    """
    places = tf.constant([unit.place])
    inputs, values, end = [start], [], None
    with keras_values.USING:
        slope_of = _slope_of(keras_values.model_of(plan, weights), unit.layer)
        while end is None:
            x = inputs[-1]
            value, slope = (np.asarray(one) for one in slope_of(tf.constant(x[None]), places))
            values.append(value)
            moved, end = _next(x, value, slope[0], len(values))
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
def _slope_of(model: keras.Sequential, layer: str) -> _Slope:
    part = keras.Model(model.inputs[0], model.get_layer(layer).output)

    @tf.function(reduce_retracing=True)
    def value_and_slope(images: tf.Tensor, places: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(images)
            value = tf.gather_nd(part(images, training=False)[0], places)[0]
        return value, tape.gradient(value, images)

    traced: _Slope = value_and_slope
    return traced
