"""Where activations let nothing through: units that are saturated, at rest or dead."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cnn.arrays import Array, Floats, Mask, Pixels
from cnn.inspection.forward import apply, portions, scaled
from cnn.network.layers import Layer
from cnn.network.plan import Plan
from cnn.network.spec import Activation, ActivationName
from cnn.operations import derivative

NEAR = 0.05
"""How near to an end of its range, as a share of the range, an activation counts as saturated."""

RANGES: dict[ActivationName, tuple[float, float]] = {"sigmoid": (0, 1), "tanh": (-1, 1)}
"""The lowest and the highest value of the activations that are flat at both ends."""


@dataclass(frozen=True, eq=False)
class Activity:
    """What the values of one activation come to, over `images` images.

    A unit of a layer without maps gives one value an image, a map has `cells`. All arrays are
    (units or maps,): `zero` is the share of values that are exactly 0, `low` and `high` the share
    that is saturated at either end of the range (0 where there is none, see `RANGES`), `awake` the
    share of images for which not all values are 0, `slope` the mean of the activation's derivative,
    by which gradients are multiplied on their way back.
    """

    layer: str
    images: int
    cells: int
    zero: Floats
    low: Floats
    high: Floats
    awake: Floats
    slope: Floats

    @property
    def dead(self) -> Mask:
        """Which units or maps give 0 everywhere for every image."""
        return self.awake == 0

    @property
    def saturated(self) -> Floats:
        """The share of values near either end of the range."""
        return self.low + self.high


def activities(
    plan: Plan, weights: Array, images: Pixels, names: tuple[str, ...] | None = None
) -> dict[str, Activity]:
    """The activity of every activation within the network, or of those named, by its layer's name.

    `weights` are flat, `images` uint8 (n, height, width, channels). What is not a number is neither
    0 nor saturated. Raises KeyError for a name that the plan does not have, ValueError without an image.
    """
    arrays = plan.split(weights)
    layers = inner_activations(plan) if names is None else tuple(map(plan.layer, names))
    parts: dict[str, list[Floats]] = {layer.name: [] for layer in layers}
    needed = plan.layers[: max(map(plan.layers.index, layers), default=-1) + 1]
    with np.errstate(all="ignore"):  # a diverged network may be looked at, too
        for here in portions(needed, len(images)):
            x = scaled(images[here])
            for layer in needed:
                given, x = x, apply(layer, x, arrays)
                if layer in layers:
                    parts[layer.name].append(np.stack(list(_shares(layer, given, x))))
    return {layer.name: _activity(layer, parts[layer.name]) for layer in layers}


def activity(plan: Plan, weights: Array, images: Pixels, layer: str) -> Activity:
    """The activity of one activation; see `activities`."""
    return activities(plan, weights, images, (layer,))[layer]


def ends(name: ActivationName) -> tuple[float, float]:
    """Below the first and above the second value an activation counts as saturated.

    Raises KeyError for one that is not flat at both ends, see `RANGES`.
    """
    low, high = RANGES[name]
    margin = NEAR * (high - low)
    return low + margin, high - margin


def inner_activations(plan: Plan) -> tuple[Layer, ...]:
    """The activation layers but for the output."""
    inner = plan.layers[:-1] if plan.answers else plan.layers
    return tuple(layer for layer in inner if isinstance(layer.operation, Activation))


def _shares(layer: Layer, given: Array, values: Array) -> Iterator[Floats]:
    """Image by image, each (images, channels): what `Activity` has the means of."""
    assert isinstance(layer.operation, Activation)
    name, slope = layer.operation.name, layer.operation.slope
    flat = values.reshape(len(values), -1, values.shape[-1])
    yield (flat == 0).mean(axis=1)
    low, high = ends(name) if name in RANGES else (-np.inf, np.inf)
    yield (flat < low).mean(axis=1)
    yield (flat > high).mean(axis=1)
    yield (flat != 0).any(axis=1).astype(np.float64)
    yield derivative(given, name, slope).reshape(flat.shape).mean(axis=1, dtype=np.float64)


def _activity(layer: Layer, parts: list[Floats]) -> Activity:
    each = np.concatenate(parts, axis=1)
    cells = layer.outputs // layer.output_shape[-1]
    return Activity(layer.name, each.shape[1], cells, *each.mean(axis=1))
