"""From logits to probabilities and on to the loss, one step at a time."""

from dataclasses import dataclass

import numpy as np

from cnn import operations
from cnn.arrays import Array, Floats


@dataclass(frozen=True, eq=False)
class SoftmaxSteps:
    """The steps of softmax and cross-entropy for one prediction.

    `logits` are float32 (classes,). They are divided by `temperature`, which is above 0.
    `actual` is the number of the actual class among them, from 0.
    """

    logits: Array
    temperature: float
    actual: int

    @property
    def divided(self) -> Array:
        return self.logits / np.float32(self.temperature)

    @property
    def exponentials(self) -> Floats:
        """e to the power of each divided logit, in float64: float32 ends at 3e38."""
        return np.exp(self.divided.astype(np.float64))

    @property
    def probabilities(self) -> Array:
        return operations.softmax(self.divided)

    @property
    def loss(self) -> float:
        """The cross-entropy: minus the natural logarithm of the actual class's probability."""
        return float(operations.cross_entropy(self.divided[None], np.array([self.actual]))[0])
