"""What a network predicts for a set of images, beside what they are. Every evaluation starts here."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnn.arrays import Array, Floats, Mask, Numbers
from cnn.data.split import ChosenData


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions for n images, in their order.

    `probabilities` (n, classes) add up to 1 for each image, unless they are not finite, as happens
    when a training diverges. `true_labels` (n,) are the images' class numbers, from 0.
    """

    probabilities: Array
    true_labels: Numbers

    def __len__(self) -> int:
        return len(self.true_labels)

    @cached_property
    def finite(self) -> Mask:
        """Whether all of an image's probabilities are numbers, (n,)."""
        return np.asarray(np.isfinite(self.probabilities).all(axis=1))

    @cached_property
    def predicted(self) -> Numbers:
        """The most probable class of each image, (n,); of equally probable ones the first."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def correct(self) -> Mask:
        """Whether each prediction is the image's class, (n,)."""
        return self.predicted == self.true_labels

    @cached_property
    def confidence(self) -> Floats:
        """The probability of each prediction, from 0 to 1, (n,)."""
        return self.probabilities.max(axis=1).astype(np.float64)

    @cached_property
    def margin(self) -> Floats:
        """How much more probable each prediction is than the next class, from 0 to 1, (n,)."""
        two = np.partition(self.probabilities, -2, axis=1)[:, -2:].astype(np.float64)
        return two[:, 1] - two[:, 0]

    def most_confident_first(self, wanted: Mask) -> Numbers:
        """The places of the `wanted` images (n,), the most confident prediction first."""
        places = np.flatnonzero(wanted)
        return places[np.argsort(-self.confidence[places], kind="stable")]

    @property
    def accuracy(self) -> float:
        """The share of correct predictions. There must be an image."""
        return float(self.correct.mean())

    def losses(self, smallest: float) -> Floats:
        """Each image's cross-entropy: −log of the probability of its class, (n,).

        A probability below `smallest` counts as that, so that no loss is infinite.
        """
        given = self.probabilities[np.arange(len(self)), self.true_labels].astype(np.float64)
        return -np.log(np.maximum(given, smallest))


def of_test_images(shares: Array, data: ChosenData) -> Predictions:
    """The predictions that probabilities (n, classes) of all n test images of `data` come to."""
    return Predictions(shares, data.labels[data.test])
