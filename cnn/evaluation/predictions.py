"""What a trained network says of a whole test set."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.inspection.forward import probabilities
from cnn.network.plan import Plan


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The answers for the test images, in the order of `numbers` (positions in the data set).

    `truth` and `said` are class numbers, `confidence` is the probability given to `said`.
    """

    numbers: NDArray[np.int64]
    truth: NDArray[np.int64]
    said: NDArray[np.int64]
    confidence: NDArray[np.float32]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is right."""
        return self.said == self.truth

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float(self.right.mean())


def evaluate(plan: Plan, weights: NDArray[np.float32], data: ChosenData) -> Evaluation:
    """Run all test images of `data` through the network with flat `weights`."""
    return judged(probabilities(plan, weights, data.dataset.images[data.test]), data)


def judged(shares: NDArray[np.float32], data: ChosenData) -> Evaluation:
    """What probabilities (n, classes) of all n test images of `data` come to."""
    said = shares.argmax(axis=1)
    return Evaluation(
        numbers=data.test,
        truth=data.labels[data.test],
        said=said,
        confidence=shares[np.arange(len(said)), said],
    )
