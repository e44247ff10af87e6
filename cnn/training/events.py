"""What a training in progress reports, and the commands it obeys."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cnn.arrays import Array

Command = Literal["go", "yield", "pause", "stop"]
"""The answer a training gets when it asks, several times an epoch. "yield" ends it after the epoch."""

Ending = Literal["done", "stopped", "diverged", "failed", "interrupted"]
"""How a run ended. "done" includes early stopping; "interrupted" is for a server or worker that went away."""


@dataclass(frozen=True)
class Point:
    """Mean training loss and accuracy since the point before; `epoch` counts in fractions (2.25)."""

    epoch: float
    loss: float
    accuracy: float


@dataclass(frozen=True)
class EpochRecord:
    """The numbers at the end of an epoch (0: the network before it learns, untrained or edited).

    `loss` and `accuracy` are the means over the epoch's training images as they were learned from
    (for epoch 0: measured on them without learning); the validation pair is measured on all test
    images after the epoch.

    `gradients` has for every layer with weights to learn, in the order of `Plan.layers`, the root
    mean square of the loss's gradient over them: the mean of a sample, the batches before the
    epoch's points, at least six where there are as many. It is empty for epoch 0 and in the records
    of runs from before it was measured.
    """

    epoch: int
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float
    gradients: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EpochEnd(EpochRecord):
    """The end of an epoch as a training reports it.

    `weights` is a flat float32 vector in the order of `Plan.weights`; `resume` is what else is
    needed to go on exactly (optimizer and dropout state), as bytes.
    """

    weights: Array
    resume: bytes


Report = Callable[[Point | EpochEnd], None]
"""Takes what a training reports."""

AskCommand = Callable[[], Command]
"""Gives the command that a training shall follow now."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a training goes on from: an epoch already trained, its weights and its resume bytes.

    `best_validation_loss` and `best_epoch` keep early stopping's count; `resume` may be empty, then
    the optimizer starts afresh. `fresh` says that nothing is known of these weights yet: they are
    measured first, as an epoch of their own.
    """

    epoch: int
    weights: Array
    resume: bytes = b""
    best_validation_loss: float = float("inf")
    best_epoch: int = 0
    fresh: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a training ended and a sentence that says why."""

    ending: Ending
    message: str
