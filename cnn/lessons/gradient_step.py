"""One step of gradient descent: which way it goes, and what it makes of the loss."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.network.plan import Plan

RATES = (*(float(f"{digit}e{power}") for power in (-3, -2, -1, 0) for digit in (1, 2, 5)), 10.0)
"""The learning rates that a step is tried with."""

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Descent:
    """The mean loss of a batch, its gradient, and the loss after a step with each of `RATES`.

    `gradient` has a number for each weight in the order of `Plan.weights`: d loss / d weight, 0 for
    weights that no gradient changes. `losses` are those after a step of all weights, `alone` those
    after the same step of one filter only; both are (len(RATES),).
    """

    loss: float
    gradient: Array
    losses: Array
    alone: Array


def stepped(weights: Array, gradient: Array, rate: float) -> Array:
    """The weights after a step: weight - rate * gradient."""
    return weights - np.float32(rate) * gradient


def filter_weights(plan: Plan, layer: str, channel: int) -> NDArray[np.bool_]:
    """Which of the flat weights are the kernel and the bias of one filter, from 0.

    Raises KeyError for a layer that is no convolution of the plan.
    """
    marked = np.zeros(plan.parameters, bool)
    parts = plan.split(marked)
    for part in ("kernel", "bias"):
        parts[f"{layer}/{part}"][..., channel] = True
    return marked
