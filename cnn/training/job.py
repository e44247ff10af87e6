"""What a training is asked to do: the values that, together, decide every number of a run."""

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, get_args

from cnn.data.split import DataChoice
from cnn.network.layers.settings import Range, check_within
from cnn.network.spec import Network

OptimizerName = Literal["adam", "sgd", "rmsprop"]
OPTIMIZERS: tuple[OptimizerName, ...] = get_args(OptimizerName)

EPOCHS = Range(1, 100)
BATCH_SIZE = Range(8, 1024)
LEARNING_RATE = Range(1e-6, 10.0)
MOMENTUM = Range(0.0, 0.99)
SEED = Range(0, 2**31 - 1)
PATIENCE = Range(1, 20)


class JobError(ValueError):
    """Settings that cannot be; the message is a sentence for the person who asked for them."""


@dataclass(frozen=True)
class Phase:
    """So many epochs at one learning rate. A run that is continued gains a phase."""

    epochs: int = 30
    learning_rate: float = 0.001

    def __post_init__(self) -> None:
        check_within("number of epochs", self.epochs, EPOCHS, JobError)
        check_within("learning rate", self.learning_rate, LEARNING_RATE, JobError)


@dataclass(frozen=True)
class Settings:
    """How to train: optimizer, batch size, seed, and the phases in order.

    `momentum` is that of SGD and 0 for the others. `patience` stops a run early after that many
    epochs without a smaller validation loss; None never does.
    """

    phases: tuple[Phase, ...] = (Phase(),)
    batch_size: int = 128
    optimizer: OptimizerName = "adam"
    momentum: float = 0.0
    seed: int = 1
    patience: int | None = None

    def __post_init__(self) -> None:
        if not self.phases:
            raise JobError("A run needs at least one phase of training; it had none.")
        check_within("batch size", self.batch_size, BATCH_SIZE, JobError)
        if self.optimizer not in OPTIMIZERS:
            raise JobError(
                f"The optimizer must be one of {', '.join(OPTIMIZERS)}; it was {self.optimizer!r}."
            )
        check_within("momentum", self.momentum, MOMENTUM, JobError)
        if self.momentum and self.optimizer != "sgd":
            raise JobError(
                f"Momentum is a setting of SGD; {self.optimizer} was given {self.momentum}."
            )
        check_within("seed", self.seed, SEED, JobError)
        if self.patience is not None:
            check_within("patience", self.patience, PATIENCE, JobError)

    @property
    def epochs(self) -> int:
        return sum(phase.epochs for phase in self.phases)

    @property
    def keras_optimizer(self) -> tuple[str, dict[str, float]]:
        """Keras's class of the optimizer, and its settings besides the learning rate."""
        name = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}[self.optimizer]
        return name, {"momentum": self.momentum} if self.optimizer == "sgd" else {}

    def learning_rate(self, epoch: int) -> float:
        """The learning rate of `epoch`, counted from 1 (the last phase's beyond the end)."""
        ends = accumulate(phase.epochs for phase in self.phases[:-1])
        return self.phases[sum(epoch > end for end in ends)].learning_rate


@dataclass(frozen=True)
class Job:
    """One training, complete: the same job gives the same run, number for number, on one machine."""

    network: Network
    data: DataChoice
    settings: Settings
