"""How sure a number is: intervals of shares and means, and the p-value of a difference."""

from collections.abc import Sequence
from math import inf, sqrt
from statistics import fmean, stdev

from scipy.special import bdtr, stdtrit

ALPHA = 0.05
"""A difference whose p-value is below this is called more than chance."""


def wilson(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95% interval of a share, from 0 to 1, seen in `count` trials (Wilson, 1927)."""
    center = share + z * z / (2 * count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (center - half) / scale), min(1.0, (center + half) / scale)


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The mean of some independent values and its 95% interval (Student's t; Gosset, 1908).

    One value alone says nothing about others: its interval is infinite. Raises ValueError
    where there are no values.
    """
    if not values:
        raise ValueError("A mean needs at least one value; there were none.")
    mean = fmean(values)
    if len(values) == 1:
        return mean, -inf, inf
    half = float(stdtrit(len(values) - 1, 0.975)) * stdev(values) / sqrt(len(values))
    return mean, mean - half, mean + half


def mcnemar_p_value(lost: int, gained: int) -> float:
    """How often chance alone would give a split at least so uneven, from 0 to 1.

    McNemar's test in its exact form (McNemar, 1947): if a change neither helps nor hurts, each of
    the `lost` + `gained` images that change sides does so like a tossed coin.
    """
    return min(1.0, 2 * float(bdtr(min(lost, gained), lost + gained, 0.5)))
