"""Filters of one convolution whose kernels point the same way."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from cnn.evaluation.health.finding import (
    Check,
    Finding,
    HealthInput,
    Remedy,
    Twins,
    title,
    untold,
)
from cnn.network.layers import Convolution, Layer
from cnn.network.spec import Network

ALIKE = 0.95
"""The cosine from which two kernels count as nearly the same: they are within 18 degrees."""

BY_LUCK = 0.5
"""Where random kernels would have more such pairs, as small kernels do, a pair says nothing."""

NAME = "Near-duplicate kernels"


def twins(patient: HealthInput) -> Check:
    """Pairs of filters of the same layer whose kernels, over all channels, are nearly parallel."""
    layers = [one for one in patient.plan.layers if isinstance(one.operation, Convolution)]
    if not layers:
        return untold(NAME, "There is no convolution, so there are no kernels to compare.")
    if not np.isfinite(patient.weights).all():
        return untold(NAME, "The weights are no longer numbers, so kernels cannot be compared.")
    tellable = [one for one in layers if pairs_by_luck(one) <= BY_LUCK]
    if not tellable:
        return untold(
            NAME, "The kernels have so few numbers that random ones would be alike as often."
        )
    weights = patient.plan.split(patient.weights)
    closest = -1.0
    findings = []
    for layer in tellable:
        cosines = kernel_cosines(weights[layer.weights[0].name])
        first, second = np.triu_indices(len(cosines), 1)
        values = cosines[first, second]
        closest = max(closest, float(values.max(initial=-1)))
        alike = np.flatnonzero(values > ALIKE)
        if len(alike):
            order = alike[np.argsort(-values[alike])]
            pairs = tuple((int(first[i]), int(second[i]), float(values[i])) for i in order)
            findings.append(_finding(patient, layer, pairs))
    if closest == -1:
        return Check(NAME, "No convolution has two filters that could be alike.")
    return Check(
        NAME,
        f"No two filters of a layer have kernels with a cosine above {ALIKE:g} (the closest:"
        f" {closest:.2f}).",
        tuple(findings),
    )


def kernel_cosines(kernel: NDArray[np.float32]) -> NDArray[np.float64]:
    """The cosine of every two filters of a kernel (side, side, channels, filters): (filters, filters).

    It is 0 for a filter that is 0 throughout.
    """
    flat = kernel.reshape(-1, kernel.shape[-1]).astype(np.float64)
    lengths = np.linalg.norm(flat, axis=0)
    unit = flat / np.where(lengths > 0, lengths, 1)
    cosines: NDArray[np.float64] = unit.T @ unit
    return cosines


def pairs_by_luck(layer: Layer) -> float:
    """How many pairs are alike on average where all kernels point in random directions.

    In d dimensions a direction is within an angle of another as often as the cap of that angle is
    part of the sphere: half the regularized incomplete beta function at the square of its sine,
    with (d - 1) / 2 and 1 / 2 (Li, 2011).
    """
    *sides, filters = layer.weights[0].shape
    numbers = int(np.prod(sides))
    pairs = filters * (filters - 1) / 2
    if numbers == 1:
        return pairs / 2  # of the same sign or not
    return pairs * 0.5 * float(betainc((numbers - 1) / 2, 0.5, 1 - ALIKE**2))


def _finding(
    patient: HealthInput, layer: Layer, pairs: tuple[tuple[int, int, float], ...]
) -> Finding:
    assert isinstance(layer.operation, Convolution) and layer.block is not None
    first, second, cosine = pairs[0]
    spare = len({later for _, later, _ in pairs})
    fewer = layer.operation.filters - spare
    several = f"{len(pairs)} pairs" if len(pairs) > 1 else "1 pair"
    return Finding(
        "twins",
        f"{several} of near-duplicate kernels in {title(layer)}",
        f"The kernels of filters {first + 1} and {second + 1} of {title(layer)} have a cosine of"
        f" {cosine:.3f} over all their {int(np.prod(layer.weights[0].shape[:-1]))} numbers;"
        f" {several} lie above {ALIKE:g}, where random kernels would have"
        f" {pairs_by_luck(layer):.2g} on average. Biases are left out.",
        "Filters that look for the same thing say the same thing: one of them could do for both."
        " Fewer filters may do as well, at less cost. A better start, another seed, can also part"
        " them.",
        Twins(layer.name, pairs),
        (
            Remedy(
                f"Try {fewer} filters in {title(layer)}",
                "Build",
                network=_with_filters(patient.run.job.network, layer.block, fewer),
            ),
        ),
    )


def _with_filters(network: Network, number: int, filters: int) -> Network:
    blocks = list(network.blocks)
    blocks[number] = replace(blocks[number], filters=filters)
    return replace(network, blocks=tuple(blocks))
