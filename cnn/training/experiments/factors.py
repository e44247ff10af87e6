"""What an experiment can vary: a setting, in all blocks or one, and how a job looks with it changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Literal, get_args

from cnn.network.spec import Activation, ConvolutionBlock, Network, Pooling
from cnn.training.job import Job, JobError, Phase

BlockSetting = Literal[
    "pooling", "kernel", "filters", "activation", "padding", "batch_normalization", "dropout"
]
DenseSetting = Literal["dense_units", "dense_activation", "dense_dropout"]
TrainingSetting = Literal["optimizer", "learning_rate", "batch_size", "epochs", "train_share"]
Setting = BlockSetting | DenseSetting | TrainingSetting

BLOCK_SETTINGS: tuple[BlockSetting, ...] = get_args(BlockSetting)
DENSE_SETTINGS: tuple[DenseSetting, ...] = get_args(DenseSetting)

MOST_VALUES = 8
_LEAKY_SLOPE = 0.1
_LONGEST_VALUE = 24


class ExperimentError(JobError):
    """An experiment that cannot be; the message is a sentence for the person who asked for it."""


@dataclass(frozen=True)
class Factor:
    """A setting that is varied, and the values it takes, as text.

    `block` is the convolution block it is varied in, from 0; None: in all of them. The values of
    "filters" multiply the block's own number; those of "batch_normalization" are "on" and "off";
    those of "train_share" are shares of the images, 0.1 to 0.95.
    """

    setting: Setting
    values: tuple[str, ...]
    block: int | None = None

    def __post_init__(self) -> None:
        if not 2 <= len(self.values) <= MOST_VALUES or len(set(self.values)) < len(self.values):
            raise ExperimentError(
                f"A setting is varied over 2 to {MOST_VALUES} different values; for {self.setting} they were {', '.join(self.values)[:80] or 'none'}."
            )
        if any(len(value) > _LONGEST_VALUE for value in self.values):
            raise ExperimentError(f"A value of {self.setting} is too long to be one.")
        if self.block is not None and self.setting not in BLOCK_SETTINGS:
            raise ExperimentError(f"{self.setting} is no setting of one block.")


def missing_settings(job: Job) -> set[Setting]:
    """What cannot be varied because the job's network or data have nothing of the kind."""
    return {
        *(() if job.network.blocks else BLOCK_SETTINGS),
        *(() if job.network.dense else DENSE_SETTINGS),
        *(("train_share",) if job.data.train_share is None else ()),
    }


def with_value(job: Job, factor: Factor, value: str) -> Job:
    """The job with the factor's setting at `value`.

    Raises ExperimentError where the network has no place for this setting, or the value is none of
    it, and NetworkError or JobError where the value is out of range.
    """
    if factor.setting in _CHANGES:
        return replace(job, network=_in_network(job.network, factor, value))
    return _in_training(job, factor, value)


def _in_network(network: Network, factor: Factor, value: str) -> Network:
    kind, what = "blocks", "convolution block"
    if factor.setting in DENSE_SETTINGS:
        kind, what = "dense", "hidden dense layer"
    parts = getattr(network, kind)
    if not parts:
        raise ExperimentError(f"This network has no {what} whose {factor.setting} could be varied.")
    if factor.block is not None and not 0 <= factor.block < len(parts):
        raise ExperimentError(
            f"This network has no block {factor.block + 1}; its blocks are numbered 1 to {len(parts)}."
        )
    change = _CHANGES[factor.setting]
    changed: dict[str, Any] = {
        kind: tuple(
            change(part, value) if factor.block in (None, number) else part
            for number, part in enumerate(parts)
        )
    }
    return replace(network, **changed)


def _in_training(job: Job, factor: Factor, value: str) -> Job:
    settings = job.settings
    match factor.setting:
        case "train_share":
            if job.data.train_share is None:
                raise ExperimentError(
                    "The images are split as their authors did, so the share to train on cannot be varied. Choose a share on the Data page first."
                )
            return replace(job, data=replace(job.data, train_share=_number(value)))
        case "optimizer":
            momentum = settings.momentum if value == "sgd" else 0.0
            changed = replace(settings, optimizer=value, momentum=momentum)  # type: ignore[arg-type]
        case "batch_size":
            changed = replace(settings, batch_size=_whole(value))
        case _:
            changed = replace(settings, phases=(_phase(job, factor, value),))
    return replace(job, settings=changed)


def _phase(job: Job, factor: Factor, value: str) -> Phase:
    if len(job.settings.phases) > 1:
        raise ExperimentError(
            "This training goes through several learning rates in turn, so neither they nor the epochs can be varied. Start from settings with one."
        )
    [phase] = job.settings.phases
    if factor.setting == "epochs":
        return replace(phase, epochs=_whole(value))
    return replace(phase, learning_rate=_number(value))


def _pooling(block: ConvolutionBlock, value: str) -> ConvolutionBlock:
    if value == "none":
        return replace(block, pooling=None)
    own = block.pooling or Pooling()
    return replace(block, pooling=replace(own, kind=value))  # type: ignore[arg-type]


def _normalization(block: ConvolutionBlock, value: str) -> ConvolutionBlock:
    if value not in ("on", "off"):
        raise ExperimentError(f"Batch normalization is on or off; it was {value!r}.")
    return replace(block, batch_normalization=value == "on")


def _activation(value: str) -> Activation:
    slope = _LEAKY_SLOPE if value == "leaky_relu" else 0.0
    return Activation(value, slope)  # type: ignore[arg-type]


# Of a block or a hidden layer.
_CHANGES: dict[str, Callable[[Any, str], Any]] = {
    "pooling": _pooling,
    "kernel": lambda block, value: replace(block, kernel=_whole(value)),
    "filters": lambda block, value: replace(block, filters=round(block.filters * _number(value))),
    "activation": lambda block, value: replace(block, activation=_activation(value)),
    "padding": lambda block, value: replace(block, padding=value),
    "batch_normalization": _normalization,
    "dropout": lambda block, value: replace(block, dropout=_number(value)),
    "dense_units": lambda layer, value: replace(layer, units=_whole(value)),
    "dense_activation": lambda layer, value: replace(layer, activation=_activation(value)),
    "dense_dropout": lambda layer, value: replace(layer, dropout=_number(value)),
}


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ExperimentError(f"{value!r} is not a number.")
    return number


def _whole(value: str) -> int:
    number = _number(value)
    if number != int(number):
        raise ExperimentError(f"{value!r} is not a whole number.")
    return int(number)
