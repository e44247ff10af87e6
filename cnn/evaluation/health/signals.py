"""What the checks have in common: movement, gradients, and what they say of the cause."""

from collections.abc import Sequence

import numpy as np

from cnn.evaluation.health.measurements import (
    Cause,
    GradientLines,
    HealthInput,
    has_kernel,
    learning_layers,
)
from cnn.network.layers import Layer
from cnn.network.plan import Plan
from cnn.training.run import EpochRecord

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


def movements(given: HealthInput) -> tuple[tuple[Layer, ...], tuple[float, ...]]:
    """The layers with a kernel, and how far each kernel is from its start, as a share of its size then."""
    layers = tuple(layer for layer in given.plan.layers if has_kernel(layer))
    return layers, tuple(_movement(given, layer) for layer in layers)


def _movement(given: HealthInput, layer: Layer) -> float:
    assert given.start is not None
    name = layer.weights[0].name
    before = given.plan.split(given.start)[name].astype(np.float64)
    after = given.plan.split(given.weights)[name].astype(np.float64)
    size = np.linalg.norm(before)
    return float(np.linalg.norm(after - before) / size) if size else float("inf")


def recorded_gradients(given: HealthInput) -> GradientLines | None:
    """The gradients up to this epoch, None where this epoch's were not recorded."""
    records = [one for one in given.run.epochs if one.epoch <= given.epoch and one.gradients]
    if not records or records[-1].epoch != given.epoch:
        return None
    return gradient_lines(given.plan, records)


def gradient_lines(plan: Plan, records: Sequence[EpochRecord]) -> GradientLines:
    """The gradients of the layers with a kernel in epochs in which they were recorded."""
    layers = learning_layers(plan)
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
    if has_vanished(given):
        return "blocked_gradient"
    if given.start is not None and max(movements(given)[1]) < NEAR_START:
        return "steps_too_small"
    return "unknown"


def has_vanished(given: HealthInput) -> bool:
    """Whether some layer's gradient is `APART` times smaller than that of the last layer."""
    lines = recorded_gradients(given)
    return lines is not None and min(lines.sizes[-1]) * APART < lines.sizes[-1][-1]


def is_held_back(given: HealthInput, layer: Layer) -> bool:
    """Whether a kernel before `layer` gets a small gradient or is still near its start."""
    before = given.plan.layers[: given.plan.layers.index(layer)]
    lines = recorded_gradients(given)
    if lines is not None:
        small = SMALL * lines.sizes[-1][-1]
        for one, size in zip(lines.layers, lines.sizes[-1], strict=True):
            if one in before and size < small:
                return True
    if given.start is None:
        return False
    return any(
        one in before and move < NEAR_START for one, move in zip(*movements(given), strict=True)
    )


def _is_wrecked(given: HealthInput) -> bool:
    """Whether training left a layer dead, or saturated throughout: one whose kernel has moved."""
    moved = dict(zip(*movements(given), strict=True)) if given.start is not None else {}
    for name, one in given.activity.items():
        if one.dead.mean() < MOSTLY_DEAD and one.saturated.mean() < STUCK_AT_THE_ENDS:
            continue
        layers = given.plan.layers
        before = layers[: layers.index(given.plan.layer(name))]
        kernel = next(layer for layer in reversed(before) if has_kernel(layer))
        if moved.get(kernel, np.inf) >= NEAR_START:
            return True
    return False
