import numpy as np
import pytest

from cnn.evaluation.comparison import Pair, holm
from cnn.evaluation.predictions import Predictions
from cnn.ui.common.formatting import thousands
from cnn.ui.compare.decisions import PairTest, often, pair_tests, table
from cnn.ui.compare.run_library import Compared
from cnn.ui.state import services


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


def pair_test(only_first: int, only_second: int, first: str = "A", tests: int = 1) -> PairTest:
    """Two networks of which so many of 200 images are correct only for one."""
    answers, others = np.zeros(200, np.int64), np.zeros(200, np.int64)
    others[:only_first] = 1
    answers[only_first : only_first + only_second] = 1
    pair = Pair(
        *(Predictions(np.eye(2, dtype=np.float32)[one], 0 * one) for one in (answers, others))
    )
    run = services.run_store().run(services.EXAMPLE_RUN)
    runs = Compared(run, first), Compared(run, "B")
    return PairTest(*runs, pair, min(1.0, tests * pair.p_value), tests)


def test_a_verdict_needs_a_small_p_value_for_all_pairs_together() -> None:
    text = pair_test(61, 55, "A_1").verdict  # SciPy's binomtest: 0.64
    assert "not distinguishable" in text
    assert "**A\\_1** is correct on 61" in text and "**B** on 55" in text
    assert "64 of 100" in text
    assert pair_test(10, 40).verdict.startswith("**B** is **better beyond chance")
    assert "exactly the same" in pair_test(0, 0).verdict
    few = pair_test(5, 16, tests=6).verdict  # 0.027: enough for one pair, but not for one of six
    assert "not distinguishable" in few
    assert few.endswith("one of 6.")
    tests = [pair_test(10, 40), pair_test(5, 16, tests=6), pair_test(5, 16)]
    assert table(tests)["distinguishable"].tolist() == ["yes", "no", "yes"]


def test_every_two_runs_are_tested_and_each_p_value_corrected_for_all() -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    last = services.answers_now(run, 30)
    answers = [last, services.answers_now(run, 2), np.full_like(last, np.nan), last]
    runs = [Compared(run, name) for name in ("A", "B", "*broken*", "D")]
    tests, left_out = pair_tests(runs, answers, data)
    assert [(test.first.name, test.second.name) for test in tests] == [
        ("A", "B"),
        ("A", "D"),
        ("B", "D"),
    ]
    assert [test.corrected for test in tests] == holm([test.pair.p_value for test in tests])
    [sentence] = left_out
    assert sentence.startswith("\\*broken\\*")
