"""The epochs that the charts of a run point out, in histories made by hand."""

from math import inf, nan

import pytest

from cnn.evaluation.health.history import KeyEpochs, Memorizing, key_epochs, memorizing
from cnn.training.run import EpochRecord
from tests.evaluation.health.networks import health_input

NARROW = [0.0] * 10
"""Gaps of a network whose validation loss follows its training loss."""


def history(validation: list[float], gaps: list[float]) -> list[EpochRecord]:
    """Epoch 0 and those after it, whose validation losses are so far above their training losses."""
    pairs = zip(validation, gaps, strict=True)
    records = [
        EpochRecord(at, loss - gap, 0.8, loss, 0.75, 0.001, 1)
        for at, (loss, gap) in enumerate(pairs, 1)
    ]
    return [EpochRecord(0, 0.01, 0.1, 0.01, 0.1, 0.001, 0), *records]


def falling(epochs: int) -> list[float]:
    return [1 - at / 100 for at in range(epochs)]


def test_before_an_epoch_of_training_there_is_nothing_to_point_out() -> None:
    assert key_epochs([]) is None
    assert key_epochs(history([], [])) is None
    assert key_epochs(history([nan, inf], [0, 0])) is None


def test_the_lowest_loss_is_that_of_the_first_of_equals() -> None:
    assert key_epochs(history([0.9, 0.5, 0.5, 0.6], [0, 0, 0, 0])) == KeyEpochs(2, None)


def test_the_lowest_loss_may_be_that_of_the_last_epoch() -> None:
    assert key_epochs(history(falling(10), NARROW)) == KeyEpochs(10, None)


def test_epochs_whose_loss_is_not_finite_do_not_count() -> None:
    assert key_epochs(history([nan, 0.9, 0.5, inf, nan], [0] * 5)) == KeyEpochs(3, None)


def test_a_gap_that_opens_for_good_starts_at_its_last_narrow_epoch() -> None:
    found = key_epochs(history([0.5] * 20, NARROW + [at / 10 for at in range(1, 11)]))
    assert found == KeyEpochs(1, 10)


def test_a_gap_that_closes_again_does_not_grow() -> None:
    assert key_epochs(history([0.5] * 20, [*NARROW[:5], *[0.3] * 5, *NARROW])) == KeyEpochs(1, None)


def test_a_gap_counts_from_where_it_has_been_narrow_for_the_last_time() -> None:
    once, then_for_good = [0.3] * 5, [0.3] * 8
    found = key_epochs(history([0.5] * 28, [*NARROW[:5], *once, *NARROW, *then_for_good]))
    assert found == KeyEpochs(1, 20)


def test_a_training_loss_above_the_validation_loss_is_no_gap_that_closes() -> None:
    # While it learns fast, the mean over an epoch lags behind.
    lagging = [-0.6, -0.3, -0.2, -0.1, -0.05, *NARROW]
    assert key_epochs(history(falling(15), lagging)) == KeyEpochs(15, None)


def test_a_gap_that_is_as_wide_from_the_start_does_not_grow() -> None:
    assert key_epochs(history([0.5] * 12, [0.3] * 12)) == KeyEpochs(1, None)


@pytest.mark.parametrize(("widest", "grows"), [(0.11, True), (0.09, False)])
def test_a_gap_has_grown_by_a_tenth_of_the_lowest_loss(widest: float, grows: bool) -> None:
    found = key_epochs(history([1.0] * 20, [*NARROW, *[widest] * 10]))
    assert found and (found.gap_grows is not None) == grows


def test_four_epochs_are_too_few_for_a_gap() -> None:
    assert key_epochs(history([0.5] * 4, [0, 0, 0.3, 0.4])) == KeyEpochs(1, None)


def test_health_names_the_same_epoch() -> None:
    records = history([0.9, 0.7, 0.5, 0.6, 0.55, 0.5], [0.1] * 6)
    measured, found = memorizing(health_input(records=records)), key_epochs(records)
    assert isinstance(measured, Memorizing) and found
    assert measured.best_epoch == found.lowest == 3
