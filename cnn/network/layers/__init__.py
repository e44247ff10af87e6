"""The kinds of layer: one module for each, with everything that depends on the kind.

What a layer does, its shape rule, window, weights, cost, Keras source line, text in a network link
and title stand together in its module. `cnn.network.keras` builds the Keras layers, on a worker.
"""

from cnn.network.layers.activation import Activation
from cnn.network.layers.base import (
    KerasCode,
    Layer,
    Operation,
    ReceptiveField,
    Shape,
    Weight,
    Window,
    WindowSide,
)
from cnn.network.layers.batch_normalization import BatchNormalization
from cnn.network.layers.convolution import Convolution
from cnn.network.layers.dense import Dense
from cnn.network.layers.dropout import Dropout
from cnn.network.layers.flatten import Flatten
from cnn.network.layers.global_average import GlobalAverage
from cnn.network.layers.pooling import Pooling
from cnn.network.layers.softmax import Softmax

__all__ = [
    "Activation",
    "BatchNormalization",
    "Convolution",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAverage",
    "KerasCode",
    "Layer",
    "Operation",
    "Pooling",
    "ReceptiveField",
    "Shape",
    "Softmax",
    "Weight",
    "Window",
    "WindowSide",
]
