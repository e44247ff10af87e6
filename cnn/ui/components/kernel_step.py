"""A kernel, the gradient of the loss by it and the kernel after a step, number by number."""

import numpy as np
from numpy.typing import NDArray

from cnn.ui.common.theme import SIGNED
from cnn.ui.components.component import component, pack

Array = NDArray[np.float32]

_component = component("kernel_step")


def kernel_step(before: Array, gradient: Array, after: Array, rate: float, key: str) -> None:
    """Draw before - rate * gradient = after for a square kernel of one channel.

    Each array is flat: the kernel's weights row by row, then the filter's bias. Pointing at a
    number or an arrow key writes its arithmetic out; both kernels share one scale of colors.
    """
    kernels = np.abs(np.concatenate([before, after]))
    head = {
        "side": round((len(before) - 1) ** 0.5),
        "rate": f"{rate:g}",
        "reach": [_largest(kernels), _largest(np.abs(gradient)), _largest(kernels)],
        "palettes": SIGNED,
    }
    numbers = np.concatenate([before, gradient, after]).astype("<f4")
    _component(key=key, data=pack(head, numbers.tobytes()))


def _largest(sizes: Array) -> float:
    return float(sizes[np.isfinite(sizes)].max(initial=0))
