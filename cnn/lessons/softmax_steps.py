"""From logits to probabilities and to the loss, one step after the other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn import operations

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class AnswerSteps:
    """What softmax and cross-entropy make of one answer.

    `logits` are float32 (classes,); `temperature` above 0 divides them; `true` is the true class
    among them, from 0.
    """

    logits: Array
    temperature: float
    true: int

    @property
    def divided(self) -> Array:
        """The logits divided by the temperature."""
        return self.logits / np.float32(self.temperature)

    @property
    def exponentials(self) -> NDArray[np.float64]:
        """e to the power of these, in float64: float32 ends at 3e38."""
        return np.exp(self.divided.astype(np.float64))

    @property
    def probabilities(self) -> Array:
        """The share that each of them has in their sum."""
        return operations.softmax(self.divided)

    @property
    def loss(self) -> float:
        """The cross-entropy for the true class."""
        return float(operations.cross_entropy(self.divided[None], np.array([self.true]))[0])
