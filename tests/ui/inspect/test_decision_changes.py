"""The sentence on where the decision changes, read against the decisions themselves."""

import numpy as np
import pytest

from cnn.inspection.image.distortion import amounts
from cnn.ui.inspect.distortions import KINDS, decision_sentence

CLASSES = ("Bag", "Shirt", "Coat")


def sentence(kind: int, decisions: list[int], present: int) -> str:
    tried = tuple(range(-2, 3))
    return decision_sentence(np.array(decisions), tried, present, KINDS[kind], CLASSES)


def test_both_sides_are_told_of() -> None:
    assert sentence(0, [1, 0, 0, 0, 2], 2) == (
        "Further left, first at 2 px left, the prediction is Shirt (Bag now). "
        "Further right, first at 2 px right, the prediction is Coat (Bag now)."
    )


def test_a_side_without_a_flip_stays() -> None:
    assert sentence(2, [0, 0, 0, 1, 1], 3) == (
        "Turned clockwise, first at 0, the prediction is Bag (Shirt now). "
        "Turned counter-clockwise, it stays Shirt."
    )


def test_at_an_end_there_is_one_side_only() -> None:
    assert sentence(4, [0, 0, 1, 1, 1], 0) == (
        "With more noise, first at 0, the prediction is Shirt (Bag now)."
    )


def test_a_class_that_is_left_again_is_told_where_it_is_first_said() -> None:
    assert sentence(3, [0, 0, 1, 0, 2], 0) == (
        "With a larger square, first at 0, the prediction is Shirt (Bag now)."
    )


def test_no_flip_is_said_too() -> None:
    assert sentence(1, [2, 2, 2, 2, 2], 1) == "No flip: the prediction stays Coat all along."


@pytest.mark.parametrize("kind", KINDS)
def test_every_amount_that_is_tried_can_be_told(kind) -> None:
    told = [kind.words(amount) for amount in amounts(kind.field, 28)]
    assert len(set(told)) == len(told)
