"""Pairs of filters' kernels in numbers' colors, all on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.ui.common.theme import SIGNED
from cnn.ui.components.component import component, pack

_component = component("kernel_pairs")


@dataclass(frozen=True)
class Pair:
    """Two filters of a kernel, from 0, and what is said of them."""

    first: int
    second: int
    note: str


def kernel_pairs(kernel: NDArray[np.float32], pairs: Sequence[Pair], key: str) -> None:
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
