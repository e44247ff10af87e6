"""What the people of a workshop may change, and whether a training keeps to it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from cnn.network.layers.settings import check_within
from cnn.network.spec import ConvolutionBlock
from cnn.training.job import EPOCHS, Job, JobError

Part = Literal[
    "blocks",
    "filters",
    "kernel",
    "stride",
    "padding",
    "activation",
    "pooling",
    "regularization",
    "dense",
    "data",
    "epochs",
    "optimizer",
    "rate",
    "seed",
]
"""What a host can leave free or lock; every field of a job belongs to one of them."""

PARTS: tuple[Part, ...] = get_args(Part)
NETWORK_PARTS: tuple[Part, ...] = PARTS[: PARTS.index("data")]

NAMES: dict[Part, str] = {
    "blocks": "the number of convolution blocks",
    "filters": "the number of filters",
    "kernel": "the kernel size",
    "stride": "the stride",
    "padding": "the padding",
    "activation": "the activation",
    "pooling": "the pooling",
    "regularization": "dropout and normalization",
    "dense": "the dense layers",
    "data": "the data",
    "epochs": "the number of epochs",
    "optimizer": "the optimizer and the batch size",
    "rate": "the learning rate",
    "seed": "the seed",
}
"""What each part is called within a sentence."""

_OF_BLOCK: dict[Part, Callable[[ConvolutionBlock], Any]] = {
    "filters": lambda block: block.filters,
    "kernel": lambda block: (block.kernel, block.dilation),
    "stride": lambda block: block.stride,
    "padding": lambda block: block.padding,
    "activation": lambda block: block.activation,
    "pooling": lambda block: block.pooling,
    "regularization": lambda block: (block.batch_normalization, block.dropout),
}
_OF_JOB: dict[Part, Callable[[Job], Any]] = {
    "pooling": lambda job: job.network.flattening,
    "dense": lambda job: (job.network.dense, job.network.output),
    "data": lambda job: job.data,
    "optimizer": lambda job: (
        job.settings.optimizer,
        job.settings.momentum,
        job.settings.batch_size,
    ),
    "rate": lambda job: {phase.learning_rate for phase in job.settings.phases},
    "seed": lambda job: job.settings.seed,
}

MOST_REASON = 200
"""Characters of a host's reason."""


class RuleError(JobError):
    """A training that the host of a workshop does not allow; the message says what and why."""


@dataclass(frozen=True)
class Rules:
    """The parts that may be changed, up to how many epochs, and the host's reason for the rest."""

    free: tuple[Part, ...] = PARTS
    most_epochs: int = int(EPOCHS.high)
    reason: str = ""

    def __post_init__(self) -> None:
        check_within("largest number of epochs", self.most_epochs, EPOCHS, JobError)

    def why_locked(self, part: Part) -> str:
        """The sentence why this part cannot be changed; "" where it can."""
        if part in self.free:
            return ""
        return f"Your host has locked {NAMES[part]}." + (f" {self.reason}" if self.reason else "")

    def check(self, start: Job, wanted: Job) -> None:
        """Raise RuleError with a sentence where a training is not one that these rules allow.

        `start` is what the workshop began with. A part that is locked is as there. Where blocks can
        be added, all locked settings of a block are those of some block there, or of a new one.
        """
        for part in changed(start, wanted, "blocks" in self.free):
            if part not in self.free:
                raise RuleError(self.why_locked(part))
        if "epochs" in self.free and wanted.settings.epochs > self.most_epochs:
            raise RuleError(
                f"In this workshop a network trains for at most {self.most_epochs} epochs;"
                f" this is {wanted.settings.epochs} epochs. Set fewer."
            )


def changed(start: Job, wanted: Job, any_order: bool = False) -> Iterator[Part]:
    """The parts in which a job differs from `start`, in the order of `PARTS`.

    Blocks are compared one by one; in `any_order`, a setting of a block differs if neither any block
    of `start` nor a new block has it.
    """
    before, after = start.network.blocks, wanted.network.blocks
    for part in PARTS:
        if part == "blocks":
            differs = len(before) != len(after)
        elif part == "epochs":
            differs = _epochs(start) != _epochs(wanted)
        else:
            of_block, of_job = _OF_BLOCK.get(part), _OF_JOB.get(part)
            differs = of_job is not None and of_job(start) != of_job(wanted)
            if of_block is not None and any_order:
                known = _all(of_block, (*before, ConvolutionBlock()))
                differs |= any(value not in known for value in _all(of_block, after))
            elif of_block is not None:
                pairs = zip(_all(of_block, before), _all(of_block, after), strict=False)
                differs |= any(one != other for one, other in pairs)
        if differs:
            yield part


def _all(of_block: Callable[[ConvolutionBlock], Any], blocks: Iterable[ConvolutionBlock]) -> Any:
    return [of_block(block) for block in blocks]


def _epochs(job: Job) -> Any:
    return job.settings.epochs, job.settings.patience
