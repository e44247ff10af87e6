"""Pairs of filters' kernels in numbers' colors, all on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnn.arrays import Array
from cnn.ui.common.theme import SIGNED
from cnn.ui.components.component import component, pack

_component = component("kernel_pairs")
_step_component = component("kernel_step")


@dataclass(frozen=True)
class Pair:
    """Two filters of a kernel, from 0, and a note on them."""

    first: int
    second: int
    note: str


def kernel_pairs(kernel: Array, pairs: Sequence[Pair], key: str) -> None:
    """Draw pairs of filters of a kernel (side, side, channels, filters).

    The kernels of a filter, one for each channel, stand side by side.
    """
    side, _, channels, _ = kernel.shape
    shown = [number for pair in pairs for number in (pair.first, pair.second)]
    values = np.ascontiguousarray(kernel[..., shown].transpose(3, 0, 2, 1), "<f4")
    head = {
        "side": side,
        "channels": channels,
        "pairs": [[pair.first + 1, pair.second + 1, pair.note] for pair in pairs],
        "largest": float(np.abs(values).max(initial=0)),
        "palettes": SIGNED,
    }
    _component(key=key, data=pack(head, values.tobytes()))


def kernel_step(before: Array, gradient: Array, after: Array, rate: float, key: str) -> None:
    """Draw before - rate * gradient = after for a square kernel of one channel.

    Each array is flat: the kernel's weights row by row, then the filter's bias. Pointing at a
    number or an arrow key writes its arithmetic out; both kernels share one scale of colors.
    """
    kernels = np.abs(np.concatenate([before, after]))
    head = {
        "side": round((len(before) - 1) ** 0.5),
        "rate": f"{rate:g}",
        "limits": [_largest(kernels), _largest(np.abs(gradient)), _largest(kernels)],
        "palettes": SIGNED,
    }
    numbers = np.concatenate([before, gradient, after]).astype("<f4")
    _step_component(key=key, data=pack(head, numbers.tobytes()))


def _largest(sizes: Array) -> float:
    return float(sizes[np.isfinite(sizes)].max(initial=0))
