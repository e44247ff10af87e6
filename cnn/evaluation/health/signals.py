"""What the checks have in common: movement, gradients, and what they say of the cause."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cnn.evaluation.health.health_input import HealthInput, has_kernel, learning_layers
from cnn.network.layers import Layer

NEAR_START = 0.1
"""Movement below which a layer is still near its start; healthy ones soon move by half their size."""

HARDLY = 0.01
"""A layer that moved by a smaller share of its size still does what it did untrained."""

APART = 100.0
"""Gradients so many times apart: while one layer moves by its own size, another moves by 1%."""

SMALL = 0.05
"""A gradient that is a smaller share of the last layer's holds learning back; healthy ones are above 0.2."""

MOSTLY_DEAD = 0.5
"""The share of dead units in a layer from which they matter; healthy layers have up to a fifth."""

STUCK_AT_THE_ENDS = 0.9
"""The share of saturated values from which a layer passes next to nothing on."""

Cause = Literal["steps_too_large", "steps_too_small", "blocked_gradient", "unknown"]
"""What most likely keeps a network from learning, see `cause`."""


@dataclass(frozen=True)
class GradientLines:
    """The root mean square of the gradient over each layer's weights, `sizes` (epochs, layers)."""

    layers: tuple[Layer, ...]
    epochs: tuple[int, ...]
    sizes: tuple[tuple[float, ...], ...]


def movements(given: HealthInput) -> dict[Layer, float]:
    """How far each kernel is from its start, as a share of its size then; {} if that was not saved."""
    if given.start is None:
        return {}
    before, after = given.plan.split(given.start), given.plan.split(given.weights)
    moved = {}
    for layer in filter(has_kernel, given.plan.layers):
        name = layer.weights[0].name
        start = before[name].astype(np.float64)
        size = np.linalg.norm(start)
        moved[layer] = float(np.linalg.norm(after[name] - start) / size) if size else float("inf")
    return moved


def recorded_gradients(given: HealthInput) -> GradientLines | None:
    """The gradients of the layers with a kernel up to this epoch, None where its were not recorded."""
    records = [one for one in given.run.epochs if one.epoch <= given.epoch and one.gradients]
    if not records or records[-1].epoch != given.epoch:
        return None
    layers = learning_layers(given.plan)
    kept = [place for place, layer in enumerate(layers) if has_kernel(layer)]
    return GradientLines(
        tuple(layers[place] for place in kept),
        tuple(one.epoch for one in records),
        tuple(tuple(one.gradients[place] for place in kept) for one in records),
    )


def cause(given: HealthInput) -> Cause:
    """What most likely keeps this network from learning, if anything does.

    Steps that are too large leave layers dead or saturated, after their weights have moved. Where
    the first layers get next to no gradient for another reason, the layers after them block it.
    Steps that are too small leave all weights near their start although the gradient arrives.
    """
    if _is_wrecked(given):
        return "steps_too_large"
    lines = recorded_gradients(given)
    if lines is not None and min(lines.sizes[-1]) * APART < lines.sizes[-1][-1]:
        return "blocked_gradient"
    moved = movements(given).values()
    return "steps_too_small" if moved and max(moved) < NEAR_START else "unknown"


def is_held_back(given: HealthInput, layer: Layer) -> bool:
    """Whether a kernel before `layer` gets a small gradient or is still near its start."""
    before = given.plan.layers[: given.plan.layers.index(layer)]
    held = [one for one, move in movements(given).items() if move < NEAR_START]
    if lines := recorded_gradients(given):
        sizes = zip(lines.layers, lines.sizes[-1], strict=True)
        held += [one for one, size in sizes if size < SMALL * lines.sizes[-1][-1]]
    return any(one in before for one in held)


def _is_wrecked(given: HealthInput) -> bool:
    """Whether training left a layer dead, or saturated throughout: one whose kernel has moved."""
    moved = movements(given)
    for name, one in given.activity.items():
        if one.dead.mean() < MOSTLY_DEAD and one.saturated.mean() < STUCK_AT_THE_ENDS:
            continue
        layers = given.plan.layers
        before = layers[: layers.index(given.plan.layer(name))]
        kernel = next(layer for layer in reversed(before) if has_kernel(layer))
        if moved.get(kernel, np.inf) >= NEAR_START:
            return True
    return False
