"""Weights that are lost or hardly moved, and gradients that vanish or explode on their way back."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cnn.evaluation.health.health_input import HealthInput, NotApplicable, learning_layers
from cnn.evaluation.health.signals import (
    APART,
    HARDLY,
    GradientLines,
    movements,
    recorded_gradients,
)
from cnn.network.layers import Layer


@dataclass(frozen=True)
class FiniteWeights:
    """The share of weights that are infinite or not a number, per learning layer."""

    lost: Mapping[Layer, float]

    @property
    def flagged(self) -> bool:
        return any(self.lost.values())


@dataclass(frozen=True)
class WeightMovement:
    """How far each layer's kernel is from its start, as a share of the kernel's own size then."""

    movements: Mapping[Layer, float]
    flagged: tuple[bool, ...]


@dataclass(frozen=True)
class GradientSizes:
    """Gradients layer by layer, and the number of the layer where they vanish or explode (None: nowhere)."""

    lines: GradientLines
    vanishing: int | None
    exploding: int | None

    @property
    def flagged(self) -> bool:
        """Whether some layer's gradient is far from that of the last."""
        return self.vanishing is not None or self.exploding is not None


def finite_weights(given: HealthInput) -> FiniteWeights:
    """The share of weights per layer that are infinite or NaN, as a diverged training leaves them."""
    arrays = given.plan.split(given.weights)
    lost = {}
    for layer in learning_layers(given.plan):
        weights = np.concatenate([arrays[weight.name].ravel() for weight in layer.weights])
        lost[layer] = float(np.mean(~np.isfinite(weights)))
    return FiniteWeights(lost)


def weight_movement(given: HealthInput) -> WeightMovement | NotApplicable:
    """Flag layers whose kernels are nearly those of epoch 0."""
    if given.epoch == 0:
        return NotApplicable(WeightMovement, "untrained")
    if given.start is None:
        return NotApplicable(WeightMovement, "no_start")
    moved = movements(given)
    return WeightMovement(moved, tuple(one < HARDLY for one in moved.values()))


def gradient_sizes(given: HealthInput) -> GradientSizes | NotApplicable:
    """Flag layers whose gradient is very much smaller or larger than that of the last."""
    if given.epoch == 0:
        return NotApplicable(GradientSizes, "untrained")
    lines = recorded_gradients(given)
    if lines is None:
        return NotApplicable(GradientSizes, "no_gradients")
    *before, last = lines.sizes[-1]
    if not before:
        return NotApplicable(GradientSizes, "single_layer")
    smallest, largest = int(np.argmin(before)), int(np.argmax(before))
    return GradientSizes(
        lines,
        smallest if before[smallest] * APART < last else None,
        largest if before[largest] > APART * last else None,
    )
