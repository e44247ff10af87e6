"""Units that are dead, filters that are rarely active, activations that are saturated."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cnn.arrays import Array, Mask, Numbers, Pixels
from cnn.evaluation.health.health_input import HealthInput, NotApplicable
from cnn.evaluation.health.signals import MOSTLY_DEAD, is_held_back
from cnn.inspection.features.saturation import Activity, activities
from cnn.network.layers import Layer
from cnn.network.plan import Plan
from cnn.network.spec import Activation

SAMPLE = 500
"""Training images in the sample: what none of them activates, 95% sure, fewer than 1 in 100 would."""

RARE = 0.01
"""A filter above 0 in fewer of its cells gives the layers after it next to nothing to work with."""

SATURATED = 0.5
"""A layer with a larger share of its values near the ends passes little of most gradients back."""


@dataclass(frozen=True, eq=False)
class LayerUnits:
    """One layer's units or filters: its activity, and which of them are flagged, bool (units,)."""

    layer: Layer
    activity: Activity
    units: Mask


@dataclass(frozen=True, eq=False)
class DeadUnits:
    """Units after a ReLU that are 0 for every image. `layers` has every ReLU, `flagged` those to act on."""

    layers: tuple[LayerUnits, ...]
    flagged: tuple[LayerUnits, ...]


@dataclass(frozen=True, eq=False)
class RareFilters:
    """Filters after a ReLU that are above 0 in very few cells, though not in none."""

    layers: tuple[LayerUnits, ...]
    flagged: tuple[LayerUnits, ...]


@dataclass(frozen=True, eq=False)
class Saturation:
    """Sigmoid and tanh layers most of whose values are near an end of the range.

    `layers` has every such activation, `saturated` those above the limit, `flagged` those of them
    that also hold learning back.
    """

    layers: tuple[LayerUnits, ...]
    saturated: tuple[LayerUnits, ...]
    flagged: tuple[LayerUnits, ...]


def sample(numbers: Numbers) -> Numbers:
    """The images to measure activity on: `SAMPLE` of them, or all, evenly spaced."""
    places = np.linspace(0, len(numbers) - 1, min(SAMPLE, len(numbers)))
    return numbers[places.round().astype(np.int64)]


def measure_activity(plan: Plan, weights: Array, images: Pixels) -> dict[str, Activity]:
    """The activity on these images, empty where weights are not finite; see `HealthInput`."""
    return activities(plan, weights, images) if np.isfinite(weights).all() else {}


def dead_units(given: HealthInput) -> DeadUnits | NotApplicable:
    """Units after a ReLU that are 0 everywhere on every image of the sample.

    A few dead units do no harm: they are only flagged where at least half of a layer is dead.
    """
    layers = tuple(LayerUnits(layer, one, one.dead) for layer, one in _layers(given, "relu"))
    if not layers:
        return NotApplicable(DeadUnits, "no_relu")
    flagged = tuple(one for one in layers if one.units.mean() >= MOSTLY_DEAD)
    return DeadUnits(layers, flagged)


def rare_filters(given: HealthInput) -> RareFilters | NotApplicable:
    """Filters after a ReLU that are above 0 in very few cells, but in some."""
    layers = tuple(
        LayerUnits(layer, one, (1 - one.zero < RARE) & ~one.dead)
        for layer, one in _layers(given, "relu")
        if one.cells > 1
    )
    if not layers:
        return NotApplicable(RareFilters, "no_relu_maps")
    return RareFilters(layers, tuple(one for one in layers if one.units.any()))


def saturation(given: HealthInput) -> Saturation | NotApplicable:
    """Sigmoid and tanh layers with most values near an end of the range.

    Late in a healthy training, units that have made up their minds look the same. So a layer is only
    flagged where learning is held back, too, see `signals.is_held_back`.
    """
    layers = tuple(
        LayerUnits(layer, one, one.saturated > SATURATED)
        for name in ("sigmoid", "tanh")
        for layer, one in _layers(given, name)
    )
    if not layers:
        return NotApplicable(Saturation, "no_saturating_activation")
    saturated = tuple(one for one in layers if one.activity.saturated.mean() > SATURATED)
    flagged = tuple(one for one in saturated if is_held_back(given, one.layer))
    return Saturation(layers, saturated, flagged)


def _layers(given: HealthInput, name: str) -> Iterator[tuple[Layer, Activity]]:
    for layer_name, one in given.activity.items():
        layer = given.plan.layer(layer_name)
        if isinstance(layer.operation, Activation) and layer.operation.name == name:
            yield layer, one
