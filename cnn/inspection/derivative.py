"""How steep the graph of an activation is: what a gradient is multiplied by on its way back."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cnn.operations import normal_share_below, sigmoid

Array = NDArray[np.float32]


def derivative(x: Array, name: str, slope: float = 0.0) -> Array:
    """The derivative of the activation called `name` at every value of `x`.

    ReLU and leaky ReLU have a kink at 0 and no derivative there; as in TensorFlow it is counted as
    the one below 0: 0, and `slope`, which is read by leaky_relu only.
    """
    if name == "leaky_relu":
        return np.where(x > 0, np.float32(1), np.float32(slope))
    return _DERIVATIVES[name](x)


def _linear(x: Array) -> Array:
    return np.ones_like(x)


def _sigmoid(x: Array) -> Array:
    share = sigmoid(x)
    return share * (1 - share)


def _tanh(x: Array) -> Array:
    return 1 - np.tanh(x) ** 2


def _relu(x: Array) -> Array:
    return (x > 0).astype(np.float32)


def _elu(x: Array) -> Array:
    return np.exp(np.minimum(x, np.float32(0)))


def _gelu(x: Array) -> Array:
    density = np.exp(np.float32(-0.5) * x * x) / np.float32(math.sqrt(2 * math.pi))
    return normal_share_below(x) + x * density


def _silu(x: Array) -> Array:
    share = sigmoid(x)
    return share * (1 + x * (1 - share))


_DERIVATIVES: dict[str, Callable[[Array], Array]] = {
    "linear": _linear,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _relu,
    "elu": _elu,
    "gelu": _gelu,
    "silu": _silu,
}
