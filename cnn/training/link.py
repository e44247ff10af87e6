"""A training's data and its settings as short texts, as they stand in the app's address."""

import re
from typing import cast

from cnn.data.split import DataChoice
from cnn.training.job import JobError, OptimizerName, Phase, Settings

_DATA = re.compile(
    r"(?P<dataset>[a-z0-9-]{1,60})"
    r"(?:_(?:(?P<official>official)|share(?P<share>0\.\d{1,2})))?"
    r"(?:_seed(?P<seed>\d{1,9}))?"
    r"(?:_only(?P<only>\d{1,3}(?:\.\d{1,3})*))?",
    re.ASCII,
)

_SETTINGS = re.compile(
    r"(?P<optimizer>adam|sgd|rmsprop)_rate(?P<rate>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)_batch(?P<batch>\d{1,6})"
    r"_epochs(?P<epochs>\d{1,6})_seed(?P<seed>\d{1,10})"
    r"(?:_momentum(?P<momentum>0\.\d{1,2}))?(?:_patience(?P<patience>\d{1,4}))?",
    re.ASCII,
)


def data_to_text(data: DataChoice) -> str:
    """A choice of data as text: `fashion-mnist-10000_share0.8_seed1_only0.6`."""
    text = data.dataset
    text += "_official" if data.train_share is None else f"_share{data.train_share:g}"
    if data.seed:
        text += f"_seed{data.seed}"
    if data.classes is not None:
        text += "_only" + ".".join(str(label) for label in data.classes)
    return text


def data_from_text(text: str) -> DataChoice:
    """The choice that a text describes. Raises ValueError with a sentence if it describes none."""
    match = _DATA.fullmatch(text.strip().lower())
    if not match:
        raise ValueError(
            f"The address asks for the data {text[:60]!r}, which could not be read. It should read like fashion-mnist-10000_share0.8_seed1."
        )
    share = None if match["official"] else float(match["share"] or DataChoice.train_share or 0)
    only = match["only"]
    classes = tuple(sorted({int(label) for label in only.split(".")})) if only else None
    return DataChoice(match["dataset"], classes, share, int(match["seed"] or 0))


def settings_to_text(settings: Settings) -> str:
    """Settings of one phase as text: `adam_rate0.001_batch128_epochs30_seed1`."""
    text = f"{settings.optimizer}_rate{_exactly(settings.learning_rate(1))}"
    text += f"_batch{settings.batch_size}_epochs{settings.epochs}_seed{settings.seed}"
    if settings.momentum:
        text += f"_momentum{settings.momentum:g}"
    if settings.patience is not None:
        text += f"_patience{settings.patience}"
    return text


def settings_from_text(text: str) -> Settings:
    """The settings that a text describes. Raises JobError with a sentence if it describes none."""
    match = _SETTINGS.fullmatch(text.strip().lower())
    if not match:
        raise JobError(
            f"The address asks for the training {text[:60]!r}, which could not be read. It should read like {settings_to_text(Settings())}."
        )
    return Settings(
        (Phase(int(match["epochs"]), float(match["rate"])),),
        int(match["batch"]),
        cast(OptimizerName, match["optimizer"]),
        float(match["momentum"] or 0),
        int(match["seed"]),
        int(match["patience"]) if match["patience"] else None,
    )


def _exactly(number: float) -> str:
    """As short as it may be and still read back to the same number, else a link is another run."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)
