"""What is explained: the logit of a class, or how far it is above the logit of another class."""

from dataclasses import dataclass

import numpy as np

from cnn.arrays import Array


@dataclass(frozen=True)
class Target:
    """The class `number` to explain, by itself or compared with the class `other`."""

    number: int
    other: int | None = None

    def score(self, logits: Array) -> Array:
        """The explained number, logit(number) or logit(number) − logit(other), (...).

        `logits` are those of all classes, (..., classes): a NumPy array or a tensor. The
        score is of the same kind.
        """
        logit = logits[..., self.number]
        return logit if self.other is None else logit - logits[..., self.other]


def class_logits(logits: Array) -> Array:
    """One logit a class, (n, classes): where a sigmoid's only logit is z, the classes have -z and z."""
    return np.concatenate([-logits, logits], axis=-1) if logits.shape[-1] == 1 else logits
