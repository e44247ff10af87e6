"""What the maps and units of a layer answer to: the images that excite them most, class by class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.arrays import Array, Floats, Numbers, Pixels
from cnn.inspection.forward import portions, scaled, through
from cnn.network.plan import Plan

SHOWN = 12
"""How many images are kept at either end."""


@dataclass(frozen=True, eq=False)
class Extremes:
    """For every map or unit the images with the most extreme values, the most extreme one first.

    All arrays but the last are (channels, k), with k at most `SHOWN`. An image stands for its most
    extreme cell only, the first of equals, row by row. `images` are positions among the images
    given, `rows` and `columns` the cell in the map (0 for a unit without a map). `tied` (channels,)
    counts the images that reach exactly the same value as the first; equals keep their order.
    """

    images: Numbers
    values: Array
    rows: Numbers
    columns: Numbers
    tied: Numbers


@dataclass(frozen=True, eq=False)
class Preference:
    """What every map or unit of one layer makes of `images` images.

    `class_means` (classes, channels) are means over places and images, `class_counts` (classes,)
    the images of each class. `zeros` (channels,) is the share of values that are exactly 0,
    `broken` (channels,) the number of images with a value that is infinite or not a number.
    """

    images: int
    most: Extremes
    least: Extremes
    class_means: Floats
    class_counts: Numbers
    zeros: Floats
    broken: Numbers

    def is_constant(self, channel: int) -> bool:
        """Whether it gives one and the same value everywhere on all images."""
        return bool(self.most.values[channel, 0] == self.least.values[channel, 0])

    def is_dead(self, channel: int) -> bool:
        """Whether it gives 0 everywhere on all images."""
        return bool(self.zeros[channel] == 1)


def preference(
    plan: Plan, weights: Array, layer: str, images: Pixels, labels: Numbers
) -> Preference:
    """Run `images` uint8 (n, height, width, channels) with class numbers `labels` up to `layer`.

    `weights` are flat. Works through the images in portions of bounded memory. Raises KeyError for
    a layer that the plan does not have, and ValueError where there is no image.
    """
    shape = plan.layer(layer).output_shape
    width = shape[1] if len(shape) == 3 else 1
    steps = plan.upto(layer).layers
    arrays = plan.split(weights)
    parts: list[_Part] = []
    with np.errstate(all="ignore"):  # a diverged network may be looked at, too
        for here in portions(steps, len(images)):
            x = through(steps, scaled(images[here]), arrays)
            parts.append(_part(x.reshape(len(x), -1, x.shape[-1])))
    largest, largest_at, smallest, smallest_at, means, zeros, broken = (
        np.concatenate(arrays) for arrays in zip(*parts, strict=True)
    )
    counts = np.bincount(labels, minlength=plan.classes)
    member = np.arange(plan.classes)[:, None] == labels
    with np.errstate(all="ignore"):
        class_means = member @ means / np.maximum(counts, 1)[:, None]
    most = _extremes(largest, largest_at, width, 1)
    least = _extremes(smallest, smallest_at, width, -1)
    rest = class_means, counts, zeros.mean(axis=0), broken.sum(axis=0)
    return Preference(len(images), most, least, *rest)


_Part = tuple[NDArray[np.generic], ...]


def _part(values: Array) -> _Part:
    """What is kept of the values (images, places, channels): arrays (images, channels)."""
    largest_at, smallest_at = values.argmax(axis=1), values.argmin(axis=1)
    return (
        np.take_along_axis(values, largest_at[:, None], axis=1)[:, 0],
        largest_at,
        np.take_along_axis(values, smallest_at[:, None], axis=1)[:, 0],
        smallest_at,
        values.mean(axis=1, dtype=np.float64),
        (values == 0).mean(axis=1),
        np.any(~np.isfinite(values), axis=1),
    )


def _extremes(values: Array, places: Numbers, width: int, sign: int) -> Extremes:
    order = np.argsort(-sign * values, axis=0, kind="stable")[:SHOWN]
    kept = np.take_along_axis(values, order, axis=0)
    rows, columns = np.divmod(np.take_along_axis(places, order, axis=0), width)
    tied = (values == kept[0]).sum(axis=0)
    return Extremes(order.T, kept.T, rows.T, columns.T, tied)
