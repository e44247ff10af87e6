"""The part of an image that one unit sees, cut out."""

from dataclasses import dataclass

import numpy as np

from cnn.arrays import Mask, Pixels
from cnn.network.layers import Layer


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
    here, there = [], []
    for unit, pixels in zip((row, column), image.shape[:2], strict=True):
        first = max(field.start + unit * field.step, -(pixels // 2))
        last = min(field.start + unit * field.step + field.size, pixels + pixels // 2)
        start, end = field.span(unit, pixels)
        here.append(slice(start, end))
        there.append((slice(start - first, end - first), last - first))
    (down, height), (across, width) = there
    pixels = np.zeros((height, width, image.shape[2]), dtype=np.uint8)
    seen = np.zeros((height, width), dtype=np.bool_)
    pixels[down, across] = image[here[0], here[1]]
    seen[down, across] = True
    return Patch(pixels, seen)
