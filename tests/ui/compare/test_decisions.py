import numpy as np
import pytest

from cnn.evaluation.comparison import Pair
from cnn.evaluation.predictions import Predictions
from cnn.ui.common.formatting import thousands
from cnn.ui.compare.decisions import often, verdict


@pytest.mark.parametrize(
    ("p_value", "text"),
    [
        (1.0, "every time"),
        (0.64, "in 64 of 100 cases"),
        (0.0501, "in 5 of 100 cases"),
        (0.012, "in 1 of 100 cases"),
        (0.0042, f"in 4 of {thousands(1000)} cases"),
        (0.000013, f"in 1 of {thousands(100_000)} cases"),
        (1e-9, f"in less than 1 of {thousands(100_000)} cases"),
    ],
)
def test_a_p_value_is_a_count_of_cases(p_value: float, text: str) -> None:
    assert often(p_value) == text


def pair(only_first: int, only_second: int) -> Pair:
    """Two networks of which so many of 200 images are correct only for one."""
    first, second = np.zeros(200, np.int64), np.zeros(200, np.int64)
    second[:only_first] = 1
    first[only_first : only_first + only_second] = 1
    both = (Predictions(np.eye(2, dtype=np.float32)[one], 0 * first) for one in (first, second))
    return Pair(*both)


def test_a_verdict_needs_a_small_p_value_for_all_pairs_together() -> None:
    same = pair(61, 55)  # SciPy's binomtest: 0.64
    text = verdict(same, "A_1", "B", same.p_value, 1)
    assert "not distinguishable" in text
    assert "**A\\_1** is correct on 61" in text and "**B** on 55" in text
    assert "64 of 100" in text
    better = pair(10, 40)
    assert verdict(better, "A", "B", better.p_value, 1).startswith(
        "**B** is **better beyond chance"
    )
    assert "exactly the same" in verdict(pair(0, 0), "A", "B", 1.0, 1)
    few = pair(5, 16)  # 0.027: enough for one pair, but not for one of six
    text = verdict(few, "A", "B", 6 * few.p_value, 6)
    assert "not distinguishable" in text
    assert text.endswith("one of 6.")
