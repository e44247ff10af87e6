"""The score of a target: a logit, or the difference of two."""

import numpy as np

from cnn.inspection.explain.target import Target


def test_the_score_is_a_logit_or_the_difference_of_two() -> None:
    logits = np.array([[3, -1, 2], [0, 5, 1]], np.float32)
    assert Target(0).score(logits).tolist() == [3, 0]
    assert Target(0, 1).score(logits).tolist() == [4, -5]
    assert Target(1, 0).score(logits[0]) == -4
