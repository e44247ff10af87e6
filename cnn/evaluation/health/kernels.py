"""Filters of one convolution whose kernels point the same way."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

from cnn.arrays import Array, Floats
from cnn.evaluation.health.health_input import HealthInput, NotApplicable
from cnn.network.layers import Convolution, Layer

SIMILAR = 0.95
"""The cosine from which two kernels count as nearly the same: they are within 18 degrees."""

BY_CHANCE = 0.5
"""Where random kernels would have more similar pairs, as small kernels do, a pair says nothing."""


@dataclass(frozen=True)
class SimilarPairs:
    """Pairs of filters of one convolution, counted from 0, with the cosine of their kernels.

    `closest` is the largest cosine of all pairs, None for a layer with one filter; `by_chance` is
    how many pairs as similar random kernels would have on average.
    """

    layer: Layer
    pairs: tuple[tuple[int, int, float], ...]
    closest: float | None
    by_chance: float


@dataclass(frozen=True)
class NearDuplicates:
    """The similar pairs of every convolution whose kernels are large enough to tell."""

    layers: tuple[SimilarPairs, ...]

    @property
    def flagged(self) -> tuple[SimilarPairs, ...]:
        return tuple(one for one in self.layers if one.pairs)

    @property
    def closest(self) -> float | None:
        """The largest cosine in any layer, None if no layer has two filters."""
        return max((one.closest for one in self.layers if one.closest is not None), default=None)


def near_duplicates(given: HealthInput) -> NearDuplicates | NotApplicable:
    """Pairs of filters of a layer whose kernels, over all channels, are nearly parallel.

    Opposite kernels are no duplicates: after a ReLU they respond to different things.
    """
    layers = [one for one in given.plan.layers if isinstance(one.operation, Convolution)]
    if not layers:
        return NotApplicable(NearDuplicates, "no_convolution")
    telling = [one for one in layers if pairs_by_chance(one) <= BY_CHANCE]
    if not telling:
        return NotApplicable(NearDuplicates, "kernels_too_small")
    weights = given.plan.split(given.weights)
    return NearDuplicates(
        tuple(_similar_pairs(layer, weights[layer.weights[0].name]) for layer in telling)
    )


def _similar_pairs(layer: Layer, kernel: Array) -> SimilarPairs:
    cosines = kernel_cosines(kernel)
    first, second = np.triu_indices(len(cosines), 1)
    values = cosines[first, second]
    similar = np.flatnonzero(values > SIMILAR)
    order = similar[np.argsort(-values[similar])]
    pairs = tuple((int(first[i]), int(second[i]), float(values[i])) for i in order)
    closest = float(values.max()) if len(values) else None
    return SimilarPairs(layer, pairs, closest, pairs_by_chance(layer))


def kernel_cosines(kernel: Array) -> Floats:
    """The cosine of every two filters of a kernel (side, side, channels, filters): (filters, filters).

    It is 0 for a filter that is 0 throughout.
    """
    flat = kernel.reshape(-1, kernel.shape[-1]).astype(np.float64)
    lengths = np.linalg.norm(flat, axis=0)
    unit = flat / np.where(lengths > 0, lengths, 1)
    return unit.T @ unit


def pairs_by_chance(layer: Layer) -> float:
    """How many pairs are similar on average where all kernels point in random directions.

    In d dimensions a direction is within an angle of another as often as the cap of that angle is
    part of the sphere: half the regularized incomplete beta function at the square of its sine,
    with (d - 1) / 2 and 1 / 2 (Li, 2011).
    """
    *sides, filters = layer.weights[0].shape
    numbers = int(np.prod(sides))
    pairs = filters * (filters - 1) / 2
    if numbers == 1:
        return pairs / 2  # of the same sign or not
    return pairs * 0.5 * float(betainc((numbers - 1) / 2, 0.5, 1 - SIMILAR**2))
