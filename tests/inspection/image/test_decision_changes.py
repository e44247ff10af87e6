"""Flips against a walk from the present place outwards."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnn.inspection.image.distortion import nearest_flips, winning_classes

decisions = st.lists(st.integers(0, 2), min_size=1, max_size=12)


@given(decisions, st.data())
def test_the_nearest_flips_are_those_met_first_on_either_side(
    said: list[int], data: st.DataObject
) -> None:
    present = data.draw(st.integers(0, len(said) - 1))

    def walk(step: int) -> int | None:
        place = present
        while 0 <= place < len(said):
            if said[place] != said[present]:
                return place
            place += step
        return None

    assert nearest_flips(np.array(said), present) == (walk(-1), walk(1))


@given(st.integers(0, 2**16), st.integers(1, 9), st.integers(2, 6))
def test_the_classes_told_of_are_the_winners_or_one_more(
    seed: int, places: int, classes: int
) -> None:
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(classes), places)
    told = winning_classes(probabilities)
    winners = set(probabilities.argmax(1).tolist())
    assert winners <= set(told) and len(told) == len(set(told)) == max(2, len(winners))
    if len(winners) == 1:
        rest = np.delete(probabilities, told[0], 1)
        assert probabilities[:, told[1]].max() == rest.max()
