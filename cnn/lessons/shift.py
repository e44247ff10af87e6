"""What changes in a network when its images move by one pixel: its maps and its predictions."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cnn.arrays import Array, Numbers, Pixels
from cnn.inspection.forward import after, probabilities, scaled
from cnn.inspection.image.distortion import Distortion, distorted
from cnn.network.plan import Plan
from cnn.network.spec import Pooling

ONE_PIXEL: dict[str, Distortion] = {
    "left": Distortion(shift_right=-1),
    "right": Distortion(shift_right=1),
    "up": Distortion(shift_down=-1),
    "down": Distortion(shift_down=1),
}
"""The four shifts by one pixel; the pixels that come in are black."""


def shifted(images: Pixels, direction: str) -> Pixels:
    """Move all images, uint8 (n, height, width, channels), by one pixel; see `ONE_PIXEL`."""
    return np.stack([distorted(image, ONE_PIXEL[direction]) for image in images])


def map_change(values: Array, values_shifted: Array) -> tuple[float, float]:
    """Measure how far the maps (n, height, width, channels) of n images are from others on average.

    Returns the mean distance from the maps of the shifted images, and from those of another image:
    the next one, for the last the first. Distances are Euclidean norms divided by the norm of the
    image's own maps. Images whose maps are all 0 are left out.
    """
    size = _length(values)
    there = size > 0
    others = values_shifted, np.roll(values, -1, axis=0)
    by_shift, to_other = (_length(other - values)[there] / size[there] for other in others)
    return float(by_shift.mean()), float(to_other.mean())


def map_changes(
    plan: Plan, weights: Array, images: Pixels, direction: str, poolings: Mapping[str, Pooling]
) -> pd.DataFrame:
    """Measure the change of the "image", of the "maps" at the end of `plan`, and after each pooling.

    Each of them has a row with the results of `map_change`, "by_shift" and "to_other_image".
    `weights` are flat, `images` uint8 (n, height, width, channels), all in memory at once.
    """
    arrays, both = plan.split(weights), (images, shifted(images, direction))
    maps, maps_shifted = (after(plan.layers, arrays, one) for one in both)
    changes = {"image": map_change(*map(scaled, both)), "maps": map_change(maps, maps_shifted)}
    for name, pooling in poolings.items():
        changes[name] = map_change(pooling.apply(maps), pooling.apply(maps_shifted))
    return pd.DataFrame.from_dict(changes, "index", columns=["by_shift", "to_other_image"])


def predictions(plan: Plan, weights: Array, images: Pixels, direction: str) -> Numbers:
    """Return the classes predicted for n images before and after a shift: class numbers (2, n)."""
    both = images, shifted(images, direction)
    return np.stack([probabilities(plan, weights, one).argmax(axis=1) for one in both])


def _length(values: Array) -> Array:
    return np.linalg.norm(values.reshape(len(values), -1), axis=1)
