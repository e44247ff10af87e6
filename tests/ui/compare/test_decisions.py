import numpy as np
import pytest

from cnn.evaluation.comparison import Pair
from cnn.ui.compare.decisions import often, verdict


@pytest.mark.parametrize(
    ("chance", "told"),
    [
        (1.0, "every time"),
        (0.64, "64 times in 100"),
        (0.0501, "5 times in 100"),
        (0.012, "once in 100"),
        (0.0042, "4 times in 1\u202f000"),
        (0.000013, "once in 100\u202f000"),
        (1e-9, "less than once in 100\u202f000"),
    ],
)
def test_a_chance_is_told_as_a_count_of_times(chance: float, told: str) -> None:
    assert often(chance) == told


def pair(only_first: int, only_second: int) -> Pair:
    """Two networks that part so on 200 images."""
    first, second = np.zeros(200, np.int64), np.zeros(200, np.int64)
    second[:only_first] = 1
    first[only_first : only_first + only_second] = 1
    return Pair(np.zeros(200, np.int64), first, second)


def test_what_is_luck_is_said_to_be_so() -> None:
    same = pair(61, 55)  # SciPy's binomtest: 0.64
    told = verdict(same, "A_1", "B", same.chance, 1)
    assert "not distinguishable" in told
    assert "61 only **A\\_1** got right, 55 only **B**" in told
    assert "64 times in 100" in told
    better = pair(10, 40)
    assert verdict(better, "A", "B", better.chance, 1).startswith("**B** is **better beyond chance")
    assert verdict(pair(0, 0), "A", "B", 1.0, 1).endswith("right on exactly the same ones.")
    few = pair(5, 16)  # 0.027: enough for one pair, but not for one of six
    told = verdict(few, "A", "B", 6 * few.chance, 6)
    assert "not distinguishable" in told
    assert told.endswith("not for one of 6.")
