"""Whatever comes from outside is read, or refused with a sentence: a sample of `benchmarks fuzz`."""

from random import Random

import pytest

from tests.fuzzing import Surface, surfaces

SURFACES = surfaces()


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES.keys())
def test_mutated_inputs(surface: Surface) -> None:
    random = Random(3)
    contents = [surface.mutate(random) for _ in range(60)]
    faults = {
        outcome.fault: content
        for content in contents
        if (outcome := surface.outcome(content)).fault
    }
    assert not faults


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("lone \ud800 in an unreadable text")])
def test_other_errors_and_sentences_that_cannot_be_shown_are_noticed(error: Exception) -> None:
    def read(content: bytes) -> None:
        raise error

    assert Surface(lambda random: b"", read, (ValueError,)).outcome(b"").fault
