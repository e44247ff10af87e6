"""Whether a training got anywhere: a run that is no better than guessing, and the likely reason."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cnn.arrays import Numbers
from cnn.statistics import wilson
from cnn.training.job import OptimizerName
from cnn.training.run import Run

USUAL_RATES: dict[OptimizerName, float] = {"adam": 0.001, "rmsprop": 0.001, "sgd": 0.1}
"""A learning rate of each optimizer with which most small networks learn."""


@dataclass(frozen=True)
class ChanceLevel:
    """A run that is no better than guessing.

    `guessing` is the accuracy (0 to 1) of always naming the most frequent class. The learning rate
    was `too` "high" or "low" (None: nothing points to it); `rate` is the one to try instead.
    """

    guessing: float
    too: Literal["high", "low"] | None = None
    rate: float | None = None


def chance_level(run: Run, test_labels: Numbers) -> ChanceLevel | None:
    """What to say of a run whose last test accuracy is not above guessing; None where it is.

    Above guessing: the 95% interval of the accuracy (Wilson, 1927) lies above it.
    """
    if run.last_epoch == 0 or not len(test_labels):
        return None
    guessing = float(np.bincount(test_labels).max() / len(test_labels))
    low, _ = wilson(run.epochs[-1].validation_accuracy, len(test_labels))
    if low > guessing:
        return None
    usual = USUAL_RATES[run.job.settings.optimizer]
    rate = run.epochs[-1].learning_rate
    if rate > 3 * usual:
        return ChanceLevel(guessing, "high", usual)
    if rate < usual / 10:
        return ChanceLevel(guessing, "low", usual)
    return ChanceLevel(guessing)
