"""How good a network's answers for a test set are, from its probabilities and the truth.

Everywhere `shares` are probabilities (n, classes) that add up to 1 for each image, `truth` is the
number of each image's class (n,), from 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.counts import thousands

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Shares = NDArray[np.float32]

BINS = 10
"""Equal bins of confidence from 0 to 1 in which calibration is told."""

SMALLEST = float(np.finfo(np.float32).smallest_subnormal)
"""The smallest probability above 0 that float32 can hold, 1.4e-45; its loss is 103."""

SMALLEST_OF_SIGMOID = 2.0**-24
"""The smallest distance of a float32 from 1, which is what a sigmoid's first class gets."""


class MetricsError(ValueError):
    """Answers that cannot be judged; the message is a sentence to show."""


@dataclass(frozen=True, eq=False)
class ClassScores:
    """Precision, recall and F1 of each class from 0 to 1, and its support, all (classes,).

    Not-a-number where there is nothing to divide by: precision of a class that was never answered,
    recall of a class without images, F1 of a class that is neither.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    support: Numbers


@dataclass(frozen=True, eq=False)
class Calibration:
    """Answers by their confidence: a row for each bin that holds any, lowest first.

    `counts` are the answers in a bin, `right` the share of them that is right, `confidence` the mean
    probability given to them, `lows` where the bin begins. `error` is the expected calibration error:
    the mean distance of the two over all answers (Guo et al., 2017).
    """

    lows: Floats
    counts: Numbers
    right: Floats
    confidence: Floats
    error: float


@dataclass(frozen=True, eq=False)
class Metrics:
    """Everything about the answers for n test images.

    `said` (n,) are the answers, `confidence` (n,) the probability given to each and `margin` (n,) by
    how much it is above the next one; `losses` (n,) is the cross-entropy of each image. `confusion`
    (classes, classes) counts images by truth (rows) and answer (columns).
    """

    truth: Numbers
    said: Numbers
    confidence: Floats
    margin: Floats
    losses: Floats
    confusion: Numbers
    classes: ClassScores
    calibration: Calibration

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is right."""
        return self.said == self.truth

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float(self.right.mean())

    @property
    def loss(self) -> float:
        """The mean cross-entropy."""
        return float(self.losses.mean())


def metrics(shares: Shares, truth: Numbers, smallest: float = SMALLEST) -> Metrics:
    """All numbers about the answers; `smallest` see `losses`.

    Raises:
        MetricsError: There are no images, or probabilities that are no numbers.
    """
    if not len(truth):
        raise MetricsError("There are no test images to judge the network by.")
    broken = int((~np.isfinite(shares).all(axis=1)).sum())
    if broken:
        raise MetricsError(
            f"For {thousands(broken)} of {thousands(len(truth))} test images the probabilities are no numbers, as"
            " happens when a training diverges: there is nothing to count. Choose an earlier epoch,"
            " or train again with a smaller learning rate."
        )
    said = shares.argmax(axis=1)
    two = np.partition(shares, -2, axis=1)[:, -2:].astype(np.float64)
    confidence = two[:, 1]
    counted = confusion(truth, said, shares.shape[1])
    return Metrics(
        truth=truth,
        said=said,
        confidence=confidence,
        margin=confidence - two[:, 0],
        losses=losses(shares, truth, smallest),
        confusion=counted,
        classes=class_scores(counted),
        calibration=calibration(confidence, said == truth),
    )


def confusion(truth: Numbers, said: Numbers, classes: int) -> Numbers:
    """Images by their class (rows) and the answer (columns): (classes, classes)."""
    pairs = np.bincount(truth * classes + said, minlength=classes * classes)
    return pairs.reshape(classes, classes).astype(np.int64)


def class_scores(confusion: Numbers) -> ClassScores:
    """Precision, recall, F1 and support of each class, from `confusion`.

    F1 is 2 · right / (support + answers), the harmonic mean of precision and recall.
    """
    right = np.diag(confusion)
    support, answers = confusion.sum(axis=1), confusion.sum(axis=0)
    return ClassScores(
        precision=_divided(right, answers),
        recall=_divided(right, support),
        f1=_divided(2 * right, support + answers),
        support=support,
    )


def losses(shares: Shares, truth: Numbers, smallest: float = SMALLEST) -> Floats:
    """Each image's cross-entropy: -log of the probability given to its class, (n,).

    A probability below `smallest` counts as that, so that no loss is endless.
    """
    given = shares[np.arange(len(truth)), truth].astype(np.float64)
    loss: Floats = -np.log(np.maximum(given, smallest))
    return loss


def calibration(confidence: Floats, right: NDArray[np.bool_], bins: int = BINS) -> Calibration:
    """How often answers (n,) of each confidence from 0 to 1 are `right` (n,).

    A bin holds its upper end, not its lower, but for the first, which holds both.
    """
    edges = np.linspace(0, 1, bins + 1)
    places = np.searchsorted(edges[1:-1], confidence)
    counts = np.bincount(places, minlength=bins)
    held = counts > 0
    counts = counts[held]
    shares = np.bincount(places, weights=right, minlength=bins)[held] / counts
    sure = np.bincount(places, weights=confidence, minlength=bins)[held] / counts
    error = float((counts * np.abs(shares - sure)).sum() / len(confidence))
    return Calibration(edges[:-1][held], counts, shares, sure, error)


def _divided(parts: Numbers, wholes: Numbers) -> Floats:
    nothing = np.full(len(parts), np.nan)
    return np.divide(parts, wholes, out=nothing, where=wholes > 0)
