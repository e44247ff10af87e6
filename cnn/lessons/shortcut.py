"""How large signals and gradients stay through many convolutions, with and without shortcuts.

A shortcut adds a layer's input to its output, x + F(x) instead of F(x): the residual connection of
He, Zhang, Ren and Sun (2015, arXiv 1512.03385). Here F is a 3 x 3 convolution without bias, then ReLU.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pandas as pd

from cnn import operations
from cnn.arrays import Array

SIDE = 3
"""The height and width of every kernel."""


def random_kernels(layers: int, maps: int, spread: float, seed: int) -> list[Array]:
    """Draw one kernel (3, 3, maps, maps) per layer from a normal distribution with mean 0.

    `spread` is the standard deviation divided by sqrt(2 / inputs per sum), the value with which ReLU
    networks keep the mean square of a signal (He et al., 2015, arXiv 1502.01852). The same seed gives
    the same first kernels for any number of layers.
    """
    random = np.random.default_rng(seed)
    deviation = spread * sqrt(2 / (SIDE * SIDE * maps))
    shape = (SIDE, SIDE, maps, maps)
    return [(deviation * random.standard_normal(shape)).astype(np.float32) for _ in range(layers)]


def forward_signals(x: Array, kernels: Sequence[Array], shortcut: bool) -> list[Array]:
    """Return `x` (images, height, width, maps) followed by the output of each layer."""
    signals = [x]
    for kernel in kernels:
        made = operations.relu(_convolution(x, kernel))
        x = x + made if shortcut else made
        signals.append(x)
    return signals


def backward_gradients(
    signals: Sequence[Array], kernels: Sequence[Array], shortcut: bool, gradient: Array
) -> list[Array]:
    """Return the gradient of a number by each of `signals`, given its `gradient` by the last one."""
    gradients = [gradient]
    for signal, kernel in zip(signals[-2::-1], kernels[::-1], strict=True):
        passed = np.where(_convolution(signal, kernel) > 0, gradient, np.float32(0))
        # A cell is part of every sum whose kernel covers it, so the kernel is rotated by 180 degrees.
        back = _convolution(passed, kernel[::-1, ::-1].swapaxes(2, 3))
        gradient = gradient + back if shortcut else back
        gradients.append(gradient)
    return gradients[::-1]


def relative_sizes(x: Array, layers: int, spread: float, seed: int) -> pd.DataFrame:
    """Return how large "signal" and "gradient" are before the first and after each "layer".

    The signal is relative to `x` (images, height, width, maps), the gradient to a random one by the
    last output. See `random_kernels` for `spread` and `seed`. The "way" is "plain" or "shortcut".
    """
    kernels = random_kernels(layers, x.shape[3], spread, seed)
    last = np.random.default_rng(seed).standard_normal(x.shape).astype(np.float32)
    ways = []
    for way in ("plain", "shortcut"):
        signals = forward_signals(x, kernels, way == "shortcut")
        gradients = backward_gradients(signals, kernels, way == "shortcut", last)
        table = pd.DataFrame({"layer": range(layers + 1), "way": way})
        table["signal"] = [root_mean_square(one) / root_mean_square(x) for one in signals]
        table["gradient"] = [root_mean_square(one) / root_mean_square(last) for one in gradients]
        ways.append(table)
    return pd.concat(ways)


def root_mean_square(values: Array) -> float:
    """Return the root of the mean square, in float64: small numbers must not underflow."""
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def _convolution(x: Array, kernel: Array) -> Array:
    return operations.convolution(x, kernel, np.zeros(kernel.shape[3], np.float32), padding="same")
