"""How a signal fares on its way through many convolutions, with and without a shortcut past each.

With the shortcut a layer's output is added to what it read, x + F(x) in place of F(x): the residual
connection of He, Zhang, Ren and Sun (2015). Here F is a 3 x 3 convolution without bias, then ReLU.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from cnn import operations

Array = NDArray[np.float32]

SIDE = 3
"""Cells along a side of every kernel."""


def random_kernels(layers: int, maps: int, spread: float, seed: int) -> list[Array]:
    """As many kernels (3, 3, maps, maps), normally distributed around 0.

    `spread` is their standard deviation in units of sqrt(2 / inputs of a sum), with which ReLU keeps
    the mean square of a signal (He et al., 2015). More layers begin with the same kernels.
    """
    random = np.random.default_rng(seed)
    deviation = spread * sqrt(2 / (SIDE * SIDE * maps))
    shape = (SIDE, SIDE, maps, maps)
    return [(deviation * random.standard_normal(shape)).astype(np.float32) for _ in range(layers)]


def forwards(x: Array, kernels: Sequence[Array], shortcut: bool) -> list[Array]:
    """`x` (images, height, width, maps) and what each layer after the other makes of it."""
    signals = [x]
    for kernel in kernels:
        made = operations.relu(_convolution(x, kernel))
        x = x + made if shortcut else made
        signals.append(x)
    return signals


def backwards(
    signals: Sequence[Array], kernels: Sequence[Array], shortcut: bool, gradient: Array
) -> list[Array]:
    """The gradient of a number with respect to each of `signals`, given that for the last one."""
    gradients = [gradient]
    for signal, kernel in zip(signals[-2::-1], kernels[::-1], strict=True):
        passed = np.where(_convolution(signal, kernel) > 0, gradient, np.float32(0))
        # A cell has a part in each sum whose kernel reaches it, seen from there the other way round.
        back = _convolution(passed, kernel[::-1, ::-1].swapaxes(2, 3))
        gradient = gradient + back if shortcut else back
        gradients.append(gradient)
    return gradients[::-1]


def size(values: Array) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def _convolution(x: Array, kernel: Array) -> Array:
    return operations.convolution(x, kernel, np.zeros(kernel.shape[3], np.float32), padding="same")
