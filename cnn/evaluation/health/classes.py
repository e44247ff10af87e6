"""Whether every class has its share of the training images."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from cnn.evaluation.health.health_input import HealthInput

UNEVEN = 2.0
"""From here on a network that always prefers the larger of two classes is right two times in three."""

LUCK = 0.001
"""Above this p-value, images drawn at random from equal classes could well be as uneven."""


@dataclass(frozen=True)
class ClassBalance:
    """The training images of each class; `flagged` are the classes with far fewer than the largest."""

    counts: tuple[int, ...]
    p_value: float
    flagged: tuple[bool, ...]


def class_balance(given: HealthInput) -> ClassBalance:
    """Flag classes with at most half the images of the largest, unless a random draw explains it."""
    p_value = uneven_p_value(given.images)
    largest = max(given.images)
    real = p_value < LUCK
    return ClassBalance(
        given.images, p_value, tuple(real and count * UNEVEN <= largest for count in given.images)
    )


def uneven_p_value(counts: tuple[int, ...]) -> float:
    """How often images drawn at random from equal classes are at least so uneven (Pearson, 1900)."""
    seen = np.asarray(counts, np.float64)
    expected = seen.mean()
    return float(chdtrc(len(seen) - 1, ((seen - expected) ** 2 / expected).sum()))
