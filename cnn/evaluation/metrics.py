"""How good a network's predictions for a set of images are, and why one class is mistaken for another."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cnn.arrays import Floats, Mask, Numbers, Pixels
from cnn.evaluation.predictions import Predictions
from cnn.statistics import wilson

BINS = 10
"""Equal bins of confidence from 0 to 1 in which calibration is measured."""

SMALLEST = float(np.finfo(np.float32).smallest_subnormal)
"""The smallest probability above 0 that float32 can hold, 1.4e-45; its loss is 103."""

SMALLEST_OF_SIGMOID = 2.0**-24
"""The smallest distance of a float32 from 1, which is what a sigmoid's first class gets."""


class MetricsError(ValueError):
    """Predictions that cannot be evaluated; the message is a sentence to show."""


@dataclass(frozen=True, eq=False)
class Metrics:
    """Everything about the predictions for n test images.

    `losses` (n,) is the cross-entropy of each image. `confusion` (classes, classes) counts images by
    actual class (rows) and predicted class (columns). For `classes` see `class_scores`, for
    `calibration` the function of that name.
    """

    predictions: Predictions
    losses: Floats
    confusion: Numbers
    classes: pd.DataFrame
    calibration: pd.DataFrame

    @property
    def accuracy(self) -> float:
        return self.predictions.accuracy

    @property
    def loss(self) -> float:
        """The mean cross-entropy."""
        return float(self.losses.mean())

    @property
    def calibration_error(self) -> float:
        """The mean distance of confidence and accuracy over all predictions (Guo et al., 2017)."""
        bins = self.calibration
        return float(np.average(abs(bins["correct"] - bins["confidence"]), weights=bins["images"]))


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


def class_scores(confusion: Numbers) -> pd.DataFrame:
    """The "precision", "recall" and "f1" of each class from 0 to 1, and its "support".

    F1 is 2 · correct / (support + predicted), the harmonic mean of precision and recall. NaN where
    there is nothing to divide by: precision of a class that was never predicted, recall of a class
    without images, F1 of a class that is neither.
    """
    correct = pd.Series(np.diag(confusion))
    support, predicted = (pd.Series(confusion.sum(axis=axis)) for axis in (1, 0))
    return pd.DataFrame(
        {
            "precision": correct / predicted,
            "recall": correct / support,
            "f1": 2 * correct / (support + predicted),
            "support": support,
        }
    )


def calibration(confidence: Floats, correct: Mask) -> pd.DataFrame:
    """How often predictions (n,) of each confidence from 0 to 1 are `correct` (n,).

    A row for each bin that holds any, by where it begins: where it goes "to", how many "images", the
    share of them that is "correct" with its 95% interval from "low" to "high" (Wilson, 1927), their
    mean "confidence". A bin holds its upper end, not its lower, but for the
    first, which holds both.
    """
    edges = np.linspace(0, 1, BINS + 1)
    begins = edges[np.searchsorted(edges[1:-1], confidence)]
    predictions = pd.DataFrame({"correct": correct, "confidence": confidence}).groupby(begins)
    found = predictions.mean().assign(images=predictions.size())
    low, high = np.transpose([*map(wilson, found["correct"], found["images"])])
    return found.assign(to=found.index + 1 / BINS, low=low, high=high)


@dataclass(frozen=True, eq=False)
class ConfusionPair:
    """The images of class `actual` predicted as class `predicted`, and those predicted correctly.

    `images`, `correct_of_actual` and `correct_of_predicted` are places in the test set: the mistaken
    ones, most confident first, and the correct ones of either class. `actual_probability` and
    `predicted_probability` are the means that the mistaken ones get for the two classes; `runner_up`
    counts those whose actual class is the second most probable.
    """

    actual: int
    predicted: int
    images: Numbers
    correct_of_actual: Numbers
    correct_of_predicted: Numbers
    actual_probability: float
    predicted_probability: float
    runner_up: int


def confusion_pair(predictions: Predictions, actual: int, predicted: int) -> ConfusionPair:
    """The images of class `actual` that were predicted as class `predicted`.

    The means are 0 where there is no such image.
    """
    true_labels, answers = predictions.true_labels, predictions.predicted
    found = predictions.most_confident_first((true_labels == actual) & (answers == predicted))
    given = predictions.probabilities[found].astype(np.float64)
    means = given.mean(axis=0) if len(found) else np.zeros(given.shape[1])
    above = (given > given[:, [actual]]).sum(axis=1)
    return ConfusionPair(
        actual,
        predicted,
        images=found,
        correct_of_actual=np.flatnonzero(predictions.correct & (true_labels == actual)),
        correct_of_predicted=np.flatnonzero(predictions.correct & (true_labels == predicted)),
        actual_probability=float(means[actual]),
        predicted_probability=float(means[predicted]),
        runner_up=int((above == 1).sum()),
    )


def most_frequent_mistake(confusion: Numbers) -> tuple[int, int]:
    """The actual and the predicted class of it; where there is no mistake, the first class twice.

    `confusion` (classes, classes) is that of `Metrics`.
    """
    wrong = confusion * ~np.eye(len(confusion), dtype=np.bool_)
    actual, predicted = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return int(actual), int(predicted)


def mean_image(images: Pixels) -> Floats:
    """The mean of images (n, height, width, channels), from 0 to 255. There must be one at least."""
    return images.mean(axis=0, dtype=np.float64)


def distance(one: Floats, other: Floats) -> float:
    """The mean absolute difference of two images' pixels, from 0 to 255."""
    return float(np.abs(one - other).mean())
