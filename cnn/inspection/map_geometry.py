"""Where the cells of a map lie on the image that they tell about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnn.network.layers import ReceptiveField


@dataclass(frozen=True)
class Cells:
    """The cells of a square map and the pixels of the image, along one side.

    `centers` is for each cell where its middle lies, in pixels from the middle of the first one;
    `spans` is its first pixel and the one after its last, within the image. `nearest` is for each
    pixel the cell whose center is nearest to it, -1 where that cell does not reach it.
    """

    centers: tuple[float, ...]
    spans: tuple[tuple[int, int], ...]
    nearest: tuple[int, ...]


def squares(starts: Sequence[int], size: int, pixels: int) -> Cells:
    """Cells of `size` pixels each, the first pixels of which are `starts`."""
    return _cells(starts, size, [(start, start + size) for start in starts], pixels)


def receptive(field: ReceptiveField, units: int, pixels: int) -> Cells:
    """The `units` of a layer with this receptive field.

    A unit's center is that of its whole field, padding included: so a unit at a padded border lies
    where its kernel does, not where the visible rest of its field has its middle.
    """
    starts = [field.start + unit * field.step for unit in range(units)]
    spans = [field.span(unit, pixels) for unit in range(units)]
    return _cells(starts, field.size, spans, pixels)


def _cells(
    starts: Sequence[int], size: int, spans: Sequence[tuple[int, int]], pixels: int
) -> Cells:
    centers = np.array(starts) + (size - 1) / 2
    away = np.abs(np.arange(pixels)[:, None] - centers)
    nearest = tuple(
        cell if pixel in range(*spans[cell]) else -1
        for pixel, cell in enumerate(away.argmin(axis=1).tolist())
    )
    return Cells(tuple(centers.tolist()), tuple(spans), nearest)
