"""The one place that builds Keras. It runs on a worker, never in the web process."""

import random
import threading
from typing import Any

import keras
import numpy as np

from cnn.arrays import Array
from cnn.network.layers import Convolution, Dense, Dropout, Layer
from cnn.network.plan import Plan
from cnn.network.spec import Network

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
    """The Keras layer that does what a layer of a plan does.

    `draws` gives the seed of a layer that draws numbers, as Keras would; None leaves it to Keras.
    """
    operation, code = layer.operation, layer.operation.keras_code
    settings: dict[str, Any] = {"name": layer.name, **code.settings}
    if draws is not None and isinstance(operation, Convolution | Dense | Dropout):
        seed = draws.randint(1, 10**9)
        if isinstance(operation, Dropout):
            settings["seed"] = seed
        else:
            settings["kernel_initializer"] = keras.initializers.GlorotUniform(seed)
    is_point = isinstance(operation, Convolution) and operation.kernel == 1 < operation.stride
    kind = PointConvolution if is_point else getattr(keras.layers, code.layer)
    return kind(*code.arguments, **settings)


def cross_entropy(network: Network) -> keras.losses.Loss:
    """The loss of a network's probabilities against class numbers."""
    if network.output == "sigmoid":
        return keras.losses.BinaryCrossentropy()
    return keras.losses.SparseCategoricalCrossentropy()


def flat_weights(model: keras.Sequential) -> Array:
    """All weights as one float32 vector in the order of `Plan.weights`."""
    weights = [array.ravel() for layer in model.layers for array in layer.get_weights()]
    return np.concatenate(weights).astype(np.float32, copy=False)


def set_flat_weights(model: keras.Sequential, plan: Plan, vector: Array) -> None:
    """Put a vector that `flat_weights` gave back into a model of the same plan."""
    arrays = plan.split(vector)
    for layer in plan.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights([arrays[w.name] for w in layer.weights])
