"""The one place that builds Keras. It runs on a worker, never in the web process."""

import random
import threading
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cnn.network.layers import (
    Activation,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Layer,
    Operation,
    Pooling,
    Softmax,
)
from cnn.network.plan import Plan

BUILDING = threading.RLock()
"""Held while a model is made or traced: Keras does so by a state that the end of a training clears."""


def build(plan: Plan, seed: int) -> keras.Sequential:
    """The plan as a Keras model with freshly drawn weights: Glorot uniform kernels, zero biases.

    It reads float32 images (n, height, width, channels) from 0 to 1 and ends in probabilities
    (n, classes), or (n, 1) for a sigmoid output. The same seed draws the same weights: those of a
    script that says `keras.utils.set_random_seed(seed)` and makes the same layers in the same order.
    Keras itself would draw from Python's one random state, and so do Dask's threads beside it.
    """
    with BUILDING:
        draws = random.Random(seed)
        layers = [keras_layer(layer, draws) for layer in plan.layers]
        return keras.Sequential([keras.Input(plan.image_shape, name="image"), *layers])


class PointConvolution(keras.layers.Conv2D):
    """A convolution with a 1 x 1 kernel and a stride, as one without stride over every so many cells.

    The numbers are the same. TensorFlow 2.21's derivative by such a kernel writes beyond its memory
    for a few images of even side: the process dies, or worse, goes on.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Called by Keras's layer for the convolution without its bias."""
        down, right = self.strides
        return keras.ops.conv(inputs[:, ::down, ::right], kernel, 1, "valid")


Seed = Callable[[], int | None]
"""Gives the next seed for a layer that draws numbers; None leaves the draw to Keras."""


def keras_layer(layer: Layer, draws: random.Random | None = None) -> keras.Layer:
    """The Keras layer that does what a layer of a plan does.

    `draws` gives the seed of a layer that draws numbers, as Keras would draw it; None leaves it to
    Keras. Raises TypeError for a kind of layer without a builder.
    """
    kind = type(layer.operation)
    if kind not in BUILDERS:
        raise TypeError(f"Expected one of {[kind.__name__ for kind in BUILDERS]}. Received: {kind}")

    def seed() -> int | None:
        return None if draws is None else draws.randint(1, 10**9)

    return BUILDERS[kind](layer.operation, layer.name, seed)


def _convolution(operation: Convolution, name: str, seed: Seed) -> keras.Layer:
    is_point = operation.kernel == 1 and operation.stride > 1
    kind = PointConvolution if is_point else keras.layers.Conv2D
    return kind(
        operation.filters,
        operation.kernel,
        operation.stride,
        operation.padding,
        dilation_rate=operation.dilation,
        kernel_initializer=keras.initializers.GlorotUniform(seed()),
        name=name,
    )


def _batch_normalization(operation: BatchNormalization, name: str, seed: Seed) -> keras.Layer:
    return keras.layers.BatchNormalization(name=name)


def _activation(operation: Activation, name: str, seed: Seed) -> keras.Layer:
    if operation.name == "leaky_relu":
        return keras.layers.LeakyReLU(negative_slope=operation.slope, name=name)
    return keras.layers.Activation(operation.name, name=name)


def _pooling(operation: Pooling, name: str, seed: Seed) -> keras.Layer:
    kinds = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    return kinds[operation.kind](operation.size, operation.stride, name=name)


def _dropout(operation: Dropout, name: str, seed: Seed) -> keras.Layer:
    return keras.layers.Dropout(operation.rate, seed=seed(), name=name)


def _flatten(operation: Flatten, name: str, seed: Seed) -> keras.Layer:
    return keras.layers.Flatten(name=name)


def _global_average(operation: GlobalAverage, name: str, seed: Seed) -> keras.Layer:
    return keras.layers.GlobalAveragePooling2D(name=name)


def _dense(operation: Dense, name: str, seed: Seed) -> keras.Layer:
    initializer = keras.initializers.GlorotUniform(seed())
    return keras.layers.Dense(operation.units, kernel_initializer=initializer, name=name)


def _softmax(operation: Softmax, name: str, seed: Seed) -> keras.Layer:
    return keras.layers.Softmax(name=name)


BUILDERS: dict[type[Operation], Callable[[Any, str, Seed], keras.Layer]] = {
    Convolution: _convolution,
    BatchNormalization: _batch_normalization,
    Activation: _activation,
    Pooling: _pooling,
    Dropout: _dropout,
    Flatten: _flatten,
    GlobalAverage: _global_average,
    Dense: _dense,
    Softmax: _softmax,
}
"""Who builds the Keras layer of each kind: a function of the operation, the layer's name, a seed."""


def flat_weights(model: keras.Sequential) -> NDArray[np.float32]:
    """All weights as one float32 vector in the order of `Plan.weights`."""
    weights = [array.ravel() for layer in model.layers for array in layer.get_weights()]
    return np.concatenate(weights).astype(np.float32, copy=False)


def set_flat_weights(model: keras.Sequential, plan: Plan, vector: NDArray[np.float32]) -> None:
    """Put a vector that `flat_weights` gave back into a model of the same plan."""
    arrays = plan.split(vector)
    for layer in plan.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights([arrays[w.name] for w in layer.weights])
