"""Where the cells of a map lie on the image that they tell about, and what one of them sees of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnn.arrays import Mask, Pixels
from cnn.network.layers import Layer, ReceptiveField


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


@dataclass(frozen=True, eq=False)
class Patch:
    """A unit's receptive field on an image.

    `pixels` is uint8 (height, width, channels); `seen` (height, width) is False where the unit sees
    no pixel but padding, and the pixels are 0. Of padding that is wider than half the image, half
    an image's width is kept.
    """

    pixels: Pixels
    seen: Mask


def cut_out(image: Pixels, layer: Layer, row: int, column: int) -> Patch:
    """What the unit of `layer` at a cell sees of `image` (height, width, channels).

    The whole image for a layer whose units see all of it.
    """
    field = layer.receptive_field
    if field is None:
        return Patch(image, np.ones(image.shape[:2], dtype=np.bool_))
    pixels, inside = image, []
    for axis, (unit, side) in enumerate(zip((row, column), image.shape[:2], strict=True)):
        first = field.start + unit * field.step
        read = np.arange(max(first, -(side // 2)), min(first + field.size, side + side // 2))
        pixels = pixels.take(read, axis, mode="clip")
        start, end = field.span(unit, side)
        inside.append((start <= read) & (read < end))
    seen = np.logical_and.outer(*inside)
    return Patch(pixels * seen[..., None], seen)
