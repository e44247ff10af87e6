"""The network in float64, so that finite differences of it are derivatives to many digits."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cnn.inspection.explain.target import Target, class_logits
from cnn.inspection.forward import apply
from cnn.network.layers import GlobalAverage
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, Pooling

Exact = NDArray[np.float64]

_error_function = np.vectorize(math.erf, otypes=[np.float64])


def smoothed(one: Plan) -> Plan:
    """The same network with a derivative everywhere: tanh for ReLU and leaky ReLU, average pooling."""

    def smooth(activation: Activation) -> Activation:
        return Activation("tanh") if "relu" in activation.name else activation

    def averaged(pooling: Pooling | None) -> Pooling | None:
        return pooling and replace(pooling, kind="average")

    blocks = tuple(
        replace(block, activation=smooth(block.activation), pooling=averaged(block.pooling))
        for block in one.network.blocks
    )
    dense = tuple(
        replace(layer, activation=smooth(layer.activation)) for layer in one.network.dense
    )
    network = replace(one.network, blocks=blocks, dense=dense)
    return plan(network, one.image_shape, one.classes)


def score(
    one: Plan, weights: NDArray[np.float32], x: Exact, target: Target, after: str = "image"
) -> Exact:
    """The score of `target`, (n,), where the layer called `after` gives `x`; "image": `x` is 0 to 1."""
    arrays = {name: array.astype(np.float64) for name, array in one.split(weights).items()}
    names = ["image", *(layer.name for layer in one.layers)]
    for layer in one.layers[names.index(after) : -1]:
        match layer.operation:
            case GlobalAverage():
                x = x.mean(axis=(1, 2))
            case Activation("gelu"):
                x = x * 0.5 * (1 + _error_function(x / math.sqrt(2)))
            case _:
                x = apply(layer, x, arrays)
    assert x.dtype == np.float64
    return target.score(class_logits(x))


def gradient(
    one: Plan, weights: NDArray[np.float32], x: Exact, target: Target, step: float = 1e-5
) -> Exact:
    """d score / d pixel of one image (height, width, channels), by central differences."""
    moves = step * np.eye(x.size).reshape(-1, *x.shape)
    up = score(one, weights, x + moves, target)
    down = score(one, weights, x - moves, target)
    return ((up - down) / (2 * step)).reshape(x.shape)
