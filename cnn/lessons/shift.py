"""What changes in a network when its images move by one pixel: its maps, its answers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.inspection.forward import after, probabilities, scaled
from cnn.inspection.image.distortion import Distortion, distorted
from cnn.network.plan import Plan
from cnn.network.spec import Pooling
from cnn.operations import average_pooling, max_pooling

ONE_PIXEL: dict[str, Distortion] = {
    "left": Distortion(shift_right=-1),
    "right": Distortion(shift_right=1),
    "up": Distortion(shift_down=-1),
    "down": Distortion(shift_down=1),
}
"""The four shifts by one pixel; what comes in is black."""

Pixels = NDArray[np.uint8]
Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Change:
    """How far maps are from those of the shifted images, as a share of the maps' own size.

    Size and distance are lengths of vectors: the root of the sum of all squares. `moved` (n,) is the
    distance from the shifted image's maps, `apart` (n,) from those of another image. Both are
    without the images whose maps are all 0.
    """

    moved: Array
    apart: Array


@dataclass(frozen=True)
class Answers:
    """Of `images` images: how many get another answer when shifted, how many a right one."""

    images: int
    changed: int
    right: int
    right_shifted: int


def shifted(images: Pixels, direction: str) -> Pixels:
    """All images, uint8 (n, height, width, channels), moved by one pixel; see `ONE_PIXEL`."""
    return np.stack([distorted(image, ONE_PIXEL[direction]) for image in images])


def change(values: Array, values_shifted: Array) -> Change:
    """The change of maps (n, height, width, channels) of n images when these are shifted.

    The other image of each is the one after it, of the last the first.
    """
    size = _length(values)
    there = size > 0
    moved, apart = _length(values_shifted - values), _length(np.roll(values, -1, axis=0) - values)
    return Change(moved[there] / size[there], apart[there] / size[there])


def changes(
    plan: Plan, weights: Array, images: Pixels, direction: str, poolings: Mapping[str, Pooling]
) -> dict[str, Change]:
    """The change of the "image", of the "maps" that `plan` ends with, and of these after each pooling.

    `weights` are flat, `images` uint8 (n, height, width, channels), which all are in memory at once.
    """
    arrays, both = plan.split(weights), (images, shifted(images, direction))
    maps, maps_shifted = (after(plan.layers, arrays, one) for one in both)
    found = {"image": change(*map(scaled, both)), "maps": change(maps, maps_shifted)}
    for name, pooling in poolings.items():
        pooled = max_pooling if pooling.kind == "max" else average_pooling
        sides = (pooled(one, pooling.size, pooling.stride) for one in (maps, maps_shifted))
        found[name] = change(*sides)
    return found


def answers(
    plan: Plan,
    weights: Array,
    images: Pixels,
    labels: NDArray[np.int64],
    direction: str,
) -> Answers:
    """What a network with flat `weights` says of images with class numbers `labels`, and shifted."""
    said = probabilities(plan, weights, images).argmax(axis=1)
    said_shifted = probabilities(plan, weights, shifted(images, direction)).argmax(axis=1)
    changed, right, right_shifted = (
        int(one.sum()) for one in (said != said_shifted, said == labels, said_shifted == labels)
    )
    return Answers(len(images), changed, right, right_shifted)


def _length(values: Array) -> Array:
    return np.linalg.norm(values.reshape(len(values), -1), axis=1)
