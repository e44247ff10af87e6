"""How good a network's predictions for a set of images are."""

from dataclasses import dataclass

import numpy as np

from cnn.arrays import Floats, Mask, Numbers
from cnn.evaluation.predictions import Predictions

BINS = 10
"""Equal bins of confidence from 0 to 1 in which calibration is measured."""

SMALLEST = float(np.finfo(np.float32).smallest_subnormal)
"""The smallest probability above 0 that float32 can hold, 1.4e-45; its loss is 103."""

SMALLEST_OF_SIGMOID = 2.0**-24
"""The smallest distance of a float32 from 1, which is what a sigmoid's first class gets."""


class MetricsError(ValueError):
    """Predictions that cannot be evaluated; the message is a sentence to show."""


@dataclass(frozen=True, eq=False)
class ClassScores:
    """Precision, recall and F1 of each class from 0 to 1, and its support, all (classes,).

    NaN where there is nothing to divide by: precision of a class that was never predicted, recall of
    a class without images, F1 of a class that is neither.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    support: Numbers


@dataclass(frozen=True, eq=False)
class Calibration:
    """Predictions by their confidence: a row for each bin that holds any, lowest first.

    `counts` are the predictions in a bin, `accuracy` the share of them that is correct, `confidence`
    their mean probability, `lows` where the bin begins. `error` is the expected calibration error:
    the mean distance of the two over all predictions (Guo et al., 2017).
    """

    lows: Floats
    counts: Numbers
    accuracy: Floats
    confidence: Floats
    error: float


@dataclass(frozen=True, eq=False)
class Metrics:
    """Everything about the predictions for n test images.

    `losses` (n,) is the cross-entropy of each image. `confusion` (classes, classes) counts images by
    actual class (rows) and predicted class (columns).
    """

    predictions: Predictions
    losses: Floats
    confusion: Numbers
    classes: ClassScores
    calibration: Calibration

    @property
    def accuracy(self) -> float:
        """The share of correct predictions."""
        return self.predictions.accuracy

    @property
    def loss(self) -> float:
        """The mean cross-entropy."""
        return float(self.losses.mean())


def metrics(predictions: Predictions, smallest: float = SMALLEST) -> Metrics:
    """All numbers about the predictions; for `smallest` see `Predictions.losses`.

    Raises MetricsError where there are no images, or probabilities that are not finite.
    """
    if not len(predictions):
        raise MetricsError("There are no test images to evaluate the network on.")
    broken = int((~predictions.finite).sum())
    if broken:
        raise MetricsError(
            f"The network gives no valid probabilities for {broken:,} of"
            f" {len(predictions):,} test images, because its training diverged. Choose an"
            " earlier epoch, or train again with a smaller learning rate."
        )
    counts = confusion(
        predictions.true_labels, predictions.predicted, predictions.probabilities.shape[1]
    )
    return Metrics(
        predictions,
        losses=predictions.losses(smallest),
        confusion=counts,
        classes=class_scores(counts),
        calibration=calibration(predictions.confidence, predictions.correct),
    )


def confusion(true_labels: Numbers, predicted: Numbers, classes: int) -> Numbers:
    """Images by their actual class (rows) and the predicted one (columns): (classes, classes)."""
    pairs = np.bincount(true_labels * classes + predicted, minlength=classes * classes)
    return pairs.reshape(classes, classes).astype(np.int64)


def class_scores(confusion: Numbers) -> ClassScores:
    """Precision, recall, F1 and support of each class, from `confusion`.

    F1 is 2 · correct / (support + predicted), the harmonic mean of precision and recall.
    """
    correct = np.diag(confusion)
    support, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    return ClassScores(
        precision=_divided(correct, predicted),
        recall=_divided(correct, support),
        f1=_divided(2 * correct, support + predicted),
        support=support,
    )


def calibration(confidence: Floats, correct: Mask, bins: int = BINS) -> Calibration:
    """How often predictions (n,) of each confidence from 0 to 1 are `correct` (n,).

    A bin holds its upper end, not its lower, but for the first, which holds both.
    """
    edges = np.linspace(0, 1, bins + 1)
    places = np.searchsorted(edges[1:-1], confidence)
    counts = np.bincount(places, minlength=bins)
    held = counts > 0
    counts = counts[held]
    accuracy = np.bincount(places, weights=correct, minlength=bins)[held] / counts
    mean = np.bincount(places, weights=confidence, minlength=bins)[held] / counts
    error = float((counts * np.abs(accuracy - mean)).sum() / len(confidence))
    return Calibration(edges[:-1][held], counts, accuracy, mean, error)


def _divided(parts: Numbers, wholes: Numbers) -> Floats:
    nothing = np.full(len(parts), np.nan)
    return np.divide(parts, wholes, out=nothing, where=wholes > 0)
