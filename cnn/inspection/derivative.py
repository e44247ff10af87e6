"""How steep the graph of an activation is: what a gradient is multiplied by on its way back."""

import math
from collections.abc import Callable

import numpy as np

from cnn.arrays import Array
from cnn.operations import normal_share_below, sigmoid


def derivative(x: Array, name: str, slope: float = 0.0) -> Array:
    """The derivative of the activation called `name` at every value of `x`.

    ReLU and leaky ReLU have a kink at 0 and no derivative there; as in TensorFlow it is counted as
    the one below 0: 0, and `slope`, which is read by leaky_relu only.
    """
    if name == "leaky_relu":
        return np.where(x > 0, np.float32(1), np.float32(slope))
    return _DERIVATIVES[name](x)


def _sigmoid(x: Array) -> Array:
    share = sigmoid(x)
    return share * (1 - share)


def _silu(x: Array) -> Array:
    share = sigmoid(x)
    return share * (1 + x * (1 - share))


def _gelu(x: Array) -> Array:
    density = np.exp(np.float32(-0.5) * x * x) / np.float32(math.sqrt(2 * math.pi))
    return normal_share_below(x) + x * density


_DERIVATIVES: dict[str, Callable[[Array], Array]] = {
    "linear": np.ones_like,
    "sigmoid": _sigmoid,
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "relu": lambda x: (x > 0).astype(np.float32),
    "elu": lambda x: np.exp(np.minimum(x, np.float32(0))),
    "gelu": _gelu,
    "silu": _silu,
}
