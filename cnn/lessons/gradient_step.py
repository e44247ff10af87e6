"""One step of gradient descent: its direction, and the loss after it."""

from dataclasses import dataclass

import numpy as np

from cnn.arrays import Array, Mask
from cnn.network.plan import Plan

LEARNING_RATES = (
    *(float(f"{digit}e{power}") for power in (-3, -2, -1, 0) for digit in (1, 2, 5)),
    10.0,
)
"""The learning rates that a step is taken with, smallest first."""


@dataclass(frozen=True, eq=False)
class GradientStep:
    """The mean loss of a batch, its gradient, and the loss after a step with each learning rate.

    `gradient` is flat, in the order of `Plan.weights`: d loss / d weight, 0 for weights that training
    does not change. `losses` are the losses after a step of all weights, `losses_filter_only` those
    after the same step of one filter's weights; both are (len(LEARNING_RATES),).
    """

    loss: float
    gradient: Array
    losses: Array
    losses_filter_only: Array


def stepped(weights: Array, gradient: Array, rate: float) -> Array:
    """Return the weights after a step: weight - rate * gradient."""
    return weights - np.float32(rate) * gradient


def filter_weights(plan: Plan, layer: str, channel: int) -> Mask:
    """Mark the kernel and the bias of one filter (`channel`, from 0) among the flat weights.

    Raises KeyError if the plan has no convolution called `layer`.
    """
    marked = np.zeros(plan.parameters, bool)
    parts = plan.split(marked)
    for part in ("kernel", "bias"):
        parts[f"{layer}/{part}"][..., channel] = True
    return marked
