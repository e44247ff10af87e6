"""Evidence on why one class is mistaken for another: the images concerned and what they have in common."""

from dataclasses import dataclass

import numpy as np

from cnn.arrays import Floats, Numbers, Pixels
from cnn.evaluation.predictions import Predictions


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
    mean: Floats = images.mean(axis=0, dtype=np.float64)
    return mean


def distance(one: Floats, other: Floats) -> float:
    """The mean absolute difference of two images' pixels, from 0 to 255."""
    return float(np.abs(one - other).mean())
