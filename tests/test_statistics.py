"""Intervals and chances against SciPy's own tests."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, t

from cnn.statistics import mcnemar_p_value, mean_interval, wilson


@given(st.integers(1, 70_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(deadline=None)
def test_the_interval_of_a_share_is_wilsons(seen: tuple[int, int]) -> None:
    right, count = seen
    expected = binomtest(right, count).proportion_ci(0.95, method="wilson")
    low, high = wilson(right / count, count)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=2e-5)
    assert low >= 0 and high <= 1


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
@settings(deadline=None)
def test_the_interval_of_a_mean_is_students(values: list[float]) -> None:
    mean, low, high = mean_interval(values)
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    assert mean == pytest.approx(np.mean(values))
    if error > 1e-9:
        expected = t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=error)
        assert (low, high) == pytest.approx(expected)


def test_one_value_says_nothing_of_others_and_none_is_refused() -> None:
    assert mean_interval([0.8]) == (0.8, -math.inf, math.inf)
    with pytest.raises(ValueError, match="at least one value"):
        mean_interval([])


@given(st.integers(0, 400), st.integers(0, 400))
@settings(deadline=None)
def test_the_chance_of_a_difference_is_the_exact_binomial_tests(lost: int, gained: int) -> None:
    tosses = lost + gained
    expected = binomtest(lost, tosses).pvalue if tosses else 1.0
    assert mcnemar_p_value(lost, gained) == pytest.approx(expected, rel=1e-9)


def test_the_chance_is_known_for_many_images() -> None:
    assert mcnemar_p_value(7000, 7000) == 1.0
    assert mcnemar_p_value(5, 0) == pytest.approx(2 / 32)
    assert mcnemar_p_value(7000, 0) < 1e-300
