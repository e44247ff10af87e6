"""What the sections of Evaluate say about known predictions."""

import numpy as np
import pytest

from cnn.ui.evaluate import confidence, overview, published
from tests.ui.evaluate.evaluated import evaluated, sure_of

TRUTH = np.arange(300) % 3


def wrong_in(count: int) -> np.ndarray:
    """Predictions of which the first so many are wrong."""
    predicted = TRUTH.copy()
    predicted[:count] = (predicted[:count] + 1) % 3
    return predicted


@pytest.mark.parametrize(
    ("sure", "word"),
    [(0.99, "overconfident"), (0.6, "underconfident"), (0.8, "about as sure as")],
)
def test_confidence_is_compared_with_accuracy(sure: float, word: str) -> None:
    seen = evaluated(sure_of(wrong_in(60), sure), TRUTH)  # 80% correct
    sentence = confidence.in_words(seen)
    assert word in sentence
    assert f"**{100 * abs(sure - 0.8):.1f} points**" in sentence


def test_mistakes_made_with_confidence_are_counted() -> None:
    shares = sure_of(wrong_in(60), 0.95)
    shares[:20] = sure_of(wrong_in(60)[:20], 0.8)
    assert "40 of 60" in confidence.sure_mistakes(evaluated(shares, TRUTH))
    assert confidence.sure_mistakes(evaluated(sure_of(TRUTH, 0.9), TRUTH)) == ""


def test_classes_that_are_never_predicted_or_have_few_images_are_noted() -> None:
    assert overview.notes(evaluated(sure_of(TRUTH, 0.9), TRUTH)) == []
    few = np.array([0] * 40 + [1] * 5 + [2] * 40)
    never, small = overview.notes(evaluated(sure_of(np.where(few == 1, 0, few), 0.9), few))
    assert "b\\*" in never and "b\\*" in small and "5 test images" in small


@pytest.mark.parametrize(
    ("wrong", "verdict"),
    [(5, "better than people"), (50, "about as good"), (120, "worse than people")],
)
def test_people_are_compared_by_the_intervals(wrong: int, verdict: str) -> None:
    seen = evaluated(sure_of(wrong_in(wrong), 0.9), TRUTH)
    assert f"**{verdict}" in published.compared_with_people(seen)
