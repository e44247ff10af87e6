"""Experiments in words: what is varied, its values, what an experiment is called."""

from collections.abc import Sequence

from cnn.data.split import ChosenData
from cnn.network.spec import ACTIVATIONS
from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.factors import Factor, Setting
from cnn.training.job import OPTIMIZERS, Job
from cnn.ui.common import formatting

TITLES: dict[Setting, str] = {
    "pooling": "Pooling",
    "kernel": "Kernel size",
    "filters": "Filters",
    "activation": "Activation of convolutions",
    "padding": "Padding",
    "batch_normalization": "Batch normalization",
    "dropout": "Dropout of convolutions",
    "dense_units": "Dense units",
    "dense_activation": "Activation of dense layers",
    "dense_dropout": "Dropout of dense layers",
    "optimizer": "Optimizer",
    "learning_rate": "Learning rate",
    "batch_size": "Batch size",
    "epochs": "Epochs",
    "train_share": "Training images",
}

VALUES: dict[Setting, tuple[str, ...]] = {
    "pooling": ("max", "average", "none"),
    "kernel": ("1", "3", "5", "7", "9"),
    "filters": ("0.25", "0.5", "1", "2", "4"),
    "activation": ACTIVATIONS,
    "padding": ("valid", "same"),
    "batch_normalization": ("off", "on"),
    "dropout": ("0", "0.1", "0.25", "0.5"),
    "dense_units": ("10", "25", "50", "100", "200", "400"),
    "dense_activation": ACTIVATIONS,
    "dense_dropout": ("0", "0.1", "0.25", "0.5"),
    "optimizer": OPTIMIZERS,
    "learning_rate": ("0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03"),
    "batch_size": ("16", "32", "64", "128", "256", "512"),
    "epochs": ("1", "2", "5", "10", "20", "30", "50"),
    "train_share": ("0.1", "0.2", "0.4", "0.6", "0.8"),
}
"""The values the form offers."""

USUAL: dict[Setting, tuple[str, ...]] = {
    "pooling": ("max", "average"),
    "kernel": ("3", "5", "7"),
    "filters": ("1", "2"),
    "activation": ("relu", "tanh"),
    "padding": ("valid", "same"),
    "batch_normalization": ("off", "on"),
    "dropout": ("0", "0.25"),
    "dense_units": ("50", "100"),
    "dense_activation": ("sigmoid", "relu"),
    "dense_dropout": ("0", "0.25"),
    "optimizer": ("adam", "sgd"),
    "learning_rate": ("0.001", "0.003"),
    "batch_size": ("32", "128"),
    "epochs": ("5", "10"),
    "train_share": ("0.4", "0.8"),
}
"""The values that are chosen to begin with."""

_OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}


def factor(factor: Factor) -> str:
    """What is varied: "Pooling of block 2"."""
    place = "" if factor.block is None else f" of block {factor.block + 1}"
    return f"{TITLES[factor.setting]}{place}"


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


def levels(experiment: Experiment, values: Sequence[str]) -> str:
    """One combination of values in words."""
    parts = zip(experiment.factors, values, strict=True)
    return ", ".join(
        f"{factor(varied)} {value(varied.setting, chosen)}" for varied, chosen in parts
    )


def title(factors: Sequence[Factor], seeds: int) -> str:
    """What an experiment is called when nobody gave it a name."""
    several = formatting.counted(seeds, "seed")
    if not factors:
        return several
    varied = " × ".join(
        f"{factor(varied)} {', '.join(value(varied.setting, chosen) for chosen in varied.values)}"
        for varied in factors
    )
    return f"{varied}; {several}"


def base(job: Job) -> str:
    """The training that an experiment varies, in one line."""
    settings = job.settings
    rates = ", then ".join(f"{phase.learning_rate:g}" for phase in settings.phases)
    return (
        f"{formatting.network(job.network)}; {_OPTIMIZERS[settings.optimizer]} at {rates}, batches of"
        f" {settings.batch_size}, {formatting.counted(settings.epochs, 'epoch')}"
    )


def images(data: ChosenData) -> str:
    """What is trained and tested on, in one line."""
    return (
        f"{formatting.thousands(len(data.train))} images of {formatting.escaped(data.dataset.name)} to train on,"
        f" {formatting.thousands(len(data.test))} to test on"
    )


def points(difference: float) -> str:
    """A difference of shares in points, with its sign: "−0.4"."""
    return f"{100 * difference:+.1f}".replace("-", "−")
