"""What the curves of a run say: whether it learns at all, and whether it memorizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, log, sqrt
from typing import Literal

import numpy as np

from cnn.arrays import Floats
from cnn.evaluation.health.health_input import HealthInput, NotApplicable
from cnn.statistics import wilson
from cnn.training.run import EpochRecord

MARGIN = 0.05
"""How much lower than that of equal shares a loss must be before a network has learned something."""

FEWEST_STEPS = 100
"""Weight updates before which a network may still be finding its way; healthy ones need about 30."""

STEADY = 0.5
"""Falling so much as fast in the second half as in the first, a loss has not begun to level off."""

STEPS_TO_LEVEL = 200
"""Weight updates after which the loss of a well-chosen learning rate has begun to level off."""

SMOOTH = 5
"""Epochs whose mean validation loss is compared, since single epochs go up and down by up to 5%."""

RISE = 0.1
"""A rise of the smoothed validation loss above its minimum that costs something.

A gap between the losses that is wider than at its narrowest by so much has grown. Both are shares of
the lowest validation loss.
"""

STILL_NARROW = 0.01
"""A gap between the losses that is wider by so much only, in the same unit, has not yet begun to grow."""

GAP = 0.1
"""A gap between training and validation accuracy that matters, even at the interval's low end."""


@dataclass(frozen=True)
class Progress:
    """Whether the network learns at all.

    `loss` is the validation loss now, `equal_shares` that of giving every class the same
    probability, `steps` the weight updates so far. `kind` is None for a healthy run, "stuck" for one
    that is still no better than equal shares, "slow" for one whose loss falls as evenly as at the
    start after many steps, "random_labels" for one that learns its training images while its
    validation accuracy stays at that of guessing.
    """

    loss: float
    equal_shares: float
    accuracy: float
    validation_accuracy: float
    guessing: float
    steps: int
    kind: Literal["stuck", "slow", "random_labels"] | None


@dataclass(frozen=True)
class KeyEpochs:
    """The epochs of a run that its charts point out.

    `lowest` has the lowest validation loss. After `gap_grows` the gap between training and validation
    loss does not get as narrow again; None: it does not grow.
    """

    lowest: int
    gap_grows: int | None


@dataclass(frozen=True)
class Memorizing:
    """Training accuracy against validation accuracy, with the gap's 95% interval, and the best epoch.

    `stalled_for` counts the epochs since the smallest validation loss, `rise` is how far the
    smoothed validation loss is above its own minimum, as a share of it. `flagged` is None, or what
    gives it away: a large "gap" or a large "rise".
    """

    epoch: int
    accuracy: float
    validation_accuracy: float
    gap: float
    low: float
    high: float
    best_epoch: int
    best_loss: float
    loss: float
    rise: float
    flagged: Literal["gap", "rise"] | None

    @property
    def stalled_for(self) -> int:
        return self.epoch - self.best_epoch


def progress(given: HealthInput) -> Progress | NotApplicable:
    """Whether the network learns at all, and at a reasonable pace."""
    ends = given.trained_epochs
    if not ends:
        return NotApplicable(Progress, "untrained")
    steps = given.steps_per_epoch * len(ends)
    if steps < FEWEST_STEPS:
        return NotApplicable(Progress, "too_few_steps")
    now, equal_shares = ends[-1], log(len(given.classes))
    guessing = max(given.images) / sum(given.images)
    learns = wilson(now.accuracy, sum(given.images))[0] > guessing + MARGIN
    carries_over = wilson(now.validation_accuracy, given.tested)[0] > guessing
    kind: Literal["stuck", "slow", "random_labels"] | None = None
    if learns and not carries_over:
        kind = "random_labels"
    elif now.validation_loss >= (1 - MARGIN) * equal_shares:
        kind = "stuck"
    elif steps >= STEPS_TO_LEVEL and _falls_steadily(given):
        kind = "slow"
    accuracies = now.accuracy, now.validation_accuracy
    return Progress(now.validation_loss, equal_shares, *accuracies, guessing, steps, kind)


def memorizing(given: HealthInput) -> Memorizing | NotApplicable:
    """Whether the network goes on learning its training images and not what they have in common.

    A validation loss that has merely stopped falling is no memorizing. Nor is it where nothing
    carries over to the test images at all: `progress` reports that.
    """
    ends = given.trained_epochs
    if not ends:
        return NotApplicable(Memorizing, "untrained")
    now, best = ends[-1], lowest_loss(ends)
    interval = gap_interval(now.accuracy, sum(given.images), now.validation_accuracy, given.tested)
    rise = smoothed_rise([end.validation_loss for end in ends])
    kind = progress(given)
    flagged: Literal["gap", "rise"] | None = None
    if isinstance(kind, NotApplicable) or kind.kind is None:
        if interval[1] > GAP:
            flagged = "gap"
        elif rise > RISE and now.loss < best.loss:
            flagged = "rise"
    accuracies = now.accuracy, now.validation_accuracy
    losses = best.validation_loss, now.validation_loss
    return Memorizing(now.epoch, *accuracies, *interval, best.epoch, *losses, rise, flagged)


def lowest_loss(ends: Sequence[EpochRecord]) -> EpochRecord:
    """The epoch with the lowest validation loss, the first of equals; NaN counts as infinite."""
    return min(ends, key=lambda end: end.validation_loss if isfinite(end.validation_loss) else inf)


def key_epochs(epochs: Sequence[EpochRecord]) -> KeyEpochs | None:
    """The epochs to point out; None before the first trained epoch whose losses are finite."""
    ends = [end for end in epochs if end.epoch > 0 and isfinite(end.loss + end.validation_loss)]
    if not ends:
        return None
    best = lowest_loss(ends)
    # The training loss is a mean while learning. Early on it is the higher one: no gap.
    gaps = _smoothed([max(0.0, end.validation_loss - end.loss) for end in ends])
    if not len(gaps) or gaps[-1] - gaps.min() <= RISE * best.validation_loss:
        return KeyEpochs(best.epoch, None)
    narrow = np.flatnonzero(gaps <= gaps.min() + STILL_NARROW * best.validation_loss)
    return KeyEpochs(best.epoch, ends[narrow[-1] + SMOOTH - 1].epoch)


def smoothed_rise(losses: Sequence[float]) -> float:
    """How far the mean of the last `SMOOTH` losses is above the smallest such mean, as a share of it."""
    means = _smoothed(losses)
    return float(means[-1] / means.min() - 1) if len(means) else 0.0


def _smoothed(numbers: Sequence[float]) -> Floats:
    """The means of each `SMOOTH` numbers in a row, none where there are fewer."""
    if len(numbers) < SMOOTH:
        return np.zeros(0)
    return np.convolve(numbers, np.full(SMOOTH, 1 / SMOOTH), mode="valid")


def gap_interval(share: float, count: int, other: float, others: int) -> tuple[float, float, float]:
    """The difference of two independent shares and its 95% interval (Newcombe, 1998, method 10)."""
    low, high = wilson(share, count)
    other_low, other_high = wilson(other, others)
    gap = share - other
    return (
        gap,
        gap - sqrt((share - low) ** 2 + (other_high - other) ** 2),
        gap + sqrt((high - share) ** 2 + (other - other_low) ** 2),
    )


def _falls_steadily(given: HealthInput) -> bool:
    """Whether the validation loss falls in the second half of the epochs nearly as in the first."""
    losses = [end.validation_loss for end in given.run.epochs if end.epoch <= given.epoch]
    middle = losses[len(losses) // 2]
    first, second = losses[0] - middle, middle - losses[-1]
    return first > 0 and second > STEADY * first
