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
    counts, p_value = given.images, uneven_p_value(given.images)
    flagged = tuple(p_value < LUCK and count * UNEVEN <= max(counts) for count in counts)
    return ClassBalance(counts, p_value, flagged)


def uneven_p_value(counts: tuple[int, ...]) -> float:
    """How often images drawn at random from equal classes are at least so uneven (Pearson, 1900)."""
    seen = np.asarray(counts, np.float64)
    expected = seen.mean()
    return float(chdtrc(len(seen) - 1, ((seen - expected) ** 2 / expected).sum()))
