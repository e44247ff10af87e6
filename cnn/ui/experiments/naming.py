"""Experiments in words: what can be varied, its values, what an experiment is called."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnn.data.split import ChosenData
from cnn.evaluation.effects import Difference
from cnn.network.spec import ACTIVATIONS
from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.factors import Factor, Setting
from cnn.training.job import Job
from cnn.ui.common import formatting


@dataclass(frozen=True)
class Offer:
    """A setting as the form offers it: its title, all values, and those chosen to begin with."""

    title: str
    values: tuple[str, ...]
    usual: tuple[str, ...]


def _offer(title: str, values: str, usual: str) -> Offer:
    return Offer(title, tuple(values.split()), tuple(usual.split()))


_OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}
_ACTIVATIONS = " ".join(ACTIVATIONS)

OFFERS: dict[Setting, Offer] = {
    "pooling": _offer("Pooling", "max average none", "max average"),
    "kernel": _offer("Kernel size", "1 3 5 7 9", "3 5 7"),
    "filters": _offer("Filters", "0.25 0.5 1 2 4", "1 2"),
    "activation": _offer("Activation of convolutions", _ACTIVATIONS, "relu tanh"),
    "padding": _offer("Padding", "valid same", "valid same"),
    "batch_normalization": _offer("Batch normalization", "off on", "off on"),
    "dropout": _offer("Dropout of convolutions", "0 0.1 0.25 0.5", "0 0.25"),
    "dense_units": _offer("Dense units", "10 25 50 100 200 400", "50 100"),
    "dense_activation": _offer("Activation of dense layers", _ACTIVATIONS, "sigmoid relu"),
    "dense_dropout": _offer("Dropout of dense layers", "0 0.1 0.25 0.5", "0 0.25"),
    "optimizer": _offer("Optimizer", " ".join(_OPTIMIZERS), "adam sgd"),
    "learning_rate": _offer("Learning rate", "0.0001 0.0003 0.001 0.003 0.01 0.03", "0.001 0.003"),
    "batch_size": _offer("Batch size", "16 32 64 128 256 512", "32 128"),
    "epochs": _offer("Epochs", "1 2 5 10 20 30 50", "5 10"),
    "train_share": _offer("Training images", "0.1 0.2 0.4 0.6 0.8", "0.4 0.8"),
}


def factor(factor: Factor) -> str:
    """What is varied: "Pooling of block 2"."""
    place = "" if factor.block is None else f" of block {factor.block + 1}"
    return f"{OFFERS[factor.setting].title}{place}"


def value(setting: Setting, value: str) -> str:
    """A value as people read it: "× 2", "5 × 5", "ReLU", "40% of all"."""
    match setting:
        case "filters":
            return f"× {value}"
        case "kernel":
            return f"{value} × {value}"
        case "activation" | "dense_activation":
            return formatting.ACTIVATION_NAMES.get(value, value)
        case "optimizer":
            return _OPTIMIZERS.get(value, value)
        case "train_share":
            return f"{formatting.percent(float(value), 0)} of all"
        case _:
            return value


def level(factors: Sequence[Factor], at: int, chosen: str) -> str:
    """A value of the factor at a place; "all runs" where nothing is varied."""
    return value(factors[at].setting, chosen) if factors else "all runs"


def difference(factors: Sequence[Factor], measured: Difference) -> str:
    """Which values a difference is between: "average − max", with the factor if there are more."""
    varied = factors[measured.factor]
    both = [value(varied.setting, each) for each in (measured.value, measured.reference)]
    return f"{factor(varied)}: {' − '.join(both)}" if len(factors) > 1 else " − ".join(both)


def levels(experiment: Experiment, values: Sequence[str]) -> str:
    """One combination of values in words."""
    return ", ".join(
        f"{factor(varied)} {value(varied.setting, chosen)}"
        for varied, chosen in zip(experiment.factors, values, strict=True)
    )


def title(factors: Sequence[Factor], seeds: int) -> str:
    """What an experiment is called when nobody gave it a name."""
    varied = [
        f"{factor(varied)} {', '.join(value(varied.setting, chosen) for chosen in varied.values)}"
        for varied in factors
    ]
    return "; ".join(filter(None, [" × ".join(varied), formatting.counted(seeds, "seed")]))


def base(job: Job, data: ChosenData) -> str:
    """The training that an experiment varies and its images, in one line."""
    settings = job.settings
    rates = ", then ".join(f"{phase.learning_rate:g}" for phase in settings.phases)
    return (
        f"{formatting.network(job.network)}; {_OPTIMIZERS[settings.optimizer]} at {rates}, batches of"
        f" {settings.batch_size}, {formatting.counted(settings.epochs, 'epoch')};"
        f" {formatting.thousands(len(data.train))} images of {formatting.escaped(data.dataset.name)}"
        f" to train on, {formatting.thousands(len(data.test))} to test on."
    )


def points(difference: float) -> str:
    """A difference of shares in points, with its sign: "−0.4"."""
    return f"{100 * difference:+.1f}".replace("-", "−")
