"""The one place that builds Keras. It runs on a worker, never in the web process."""

import random
import threading
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cnn.network.layers import (
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Layer,
    Softmax,
)
from cnn.network.plan import Plan
from cnn.network.spec import Activation, Pooling

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


def keras_layer(layer: Layer, draws: random.Random | None = None) -> keras.Layer:
    """The Keras layer that does what a layer of a plan says.

    Where it needs chance, `draws` gives its seed, drawn as Keras draws one; None leaves it to Keras.
    """
    name = layer.name

    def seed() -> int | None:
        return None if draws is None else draws.randint(1, 10**9)

    def glorot() -> keras.initializers.Initializer:
        return keras.initializers.GlorotUniform(seed())

    match layer.operation:
        case Convolution(filters, 1, stride, padding) if stride > 1:
            return PointConvolution(
                filters, 1, stride, padding, kernel_initializer=glorot(), name=name
            )
        case Convolution(filters, kernel, stride, padding, dilation):
            return keras.layers.Conv2D(
                filters,
                kernel,
                stride,
                padding,
                dilation_rate=dilation,
                kernel_initializer=glorot(),
                name=name,
            )
        case BatchNormalization():
            return keras.layers.BatchNormalization(name=name)
        case Activation("leaky_relu", slope):
            return keras.layers.LeakyReLU(negative_slope=slope, name=name)
        case Activation(function):
            return keras.layers.Activation(function, name=name)
        case Pooling("max", size, stride):
            return keras.layers.MaxPooling2D(size, stride, name=name)
        case Pooling("average", size, stride):
            return keras.layers.AveragePooling2D(size, stride, name=name)
        case Dropout(rate):
            return keras.layers.Dropout(rate, seed=seed(), name=name)
        case Flatten():
            return keras.layers.Flatten(name=name)
        case GlobalAverage():
            return keras.layers.GlobalAveragePooling2D(name=name)
        case Dense(units):
            return keras.layers.Dense(units, kernel_initializer=glorot(), name=name)
        case Softmax():
            return keras.layers.Softmax(name=name)
        case other:
            raise TypeError(f"Expected an operation of a plan. Received: {other!r}")


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
