"""What the user has chosen, as the parameters of the app's address, both ways."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from cnn.data.dataset import DataChoice
from cnn.data.example import EXAMPLE_DATASET
from cnn.network.link import from_text, to_text
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network, NetworkError
from cnn.training.job import JobError, OptimiserName, Phase, Settings

DEFAULT_DATA = DataChoice(EXAMPLE_DATASET)
DEFAULT_SETTINGS = Settings()

_DATA = re.compile(
    r"(?P<dataset>[a-z0-9-]{1,60})"
    r"(?:_(?:(?P<official>official)|share(?P<share>0\.\d{1,2})))?"
    r"(?:_seed(?P<seed>\d{1,9}))?"
    r"(?:_only(?P<only>\d{1,3}(?:\.\d{1,3})*))?",
    re.ASCII,
)

_SETTINGS = re.compile(
    r"(?P<optimiser>adam|sgd|rmsprop)_rate(?P<rate>[0-9.e+-]{1,24})_batch(?P<batch>\d{1,6})"
    r"_epochs(?P<epochs>\d{1,6})_seed(?P<seed>\d{1,10})"
    r"(?:_momentum(?P<momentum>0\.\d{1,2}))?(?:_patience(?P<patience>\d{1,4}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Address:
    """The choices that a link carries; None where it carries none."""

    network: Network = ARTICLE
    data: DataChoice = DEFAULT_DATA
    settings: Settings = DEFAULT_SETTINGS
    run: str | None = None
    image: int | None = None
    epoch: int | None = None
    unit: str | None = None


def read(parameters: Mapping[str, str]) -> tuple[Address, list[str]]:
    """The choices in an address, and a sentence for each parameter that could not be read."""
    address, sentences = Address(), []
    if text := parameters.get("net"):
        try:
            address = replace(address, network=from_text(text))
        except NetworkError as error:
            sentences.append(f"{error} The article's network stands in its place.")
    if text := parameters.get("data"):
        if data := data_from_text(text):
            address = replace(address, data=data)
        else:
            sentences.append(
                f"The address asks for the data {text[:60]!r}, which could not be read. It should "
                "read like fashion-mnist-10000_share0.8_seed1. The shipped images are used instead."
            )
    if text := parameters.get("train"):
        try:
            address = replace(address, settings=settings_from_text(text))
        except JobError as error:
            sentences.append(f"{error} The article's settings stand in their place.")
    if text := parameters.get("run"):
        address = replace(address, run=text)
    if text := parameters.get("image"):
        address = replace(address, image=_whole("image", text, sentences))
    if text := parameters.get("epoch"):
        address = replace(address, epoch=_whole("epoch", text, sentences))
    if text := parameters.get("at"):
        address = replace(address, unit=text)
    return address, sentences


def _whole(name: str, text: str, sentences: list[str]) -> int | None:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    sentences.append(
        f"The address asks for {name} {text[:60]!r}; it must be a whole number, 0 or more. "
        "It was left out."
    )
    return None


def write(address: Address, shipped_run: str) -> dict[str, str]:
    """The parameters of an address; what is as it is at the first start is left out."""
    parameters = {}
    if address.network != ARTICLE:
        parameters["net"] = to_text(address.network)
    if address.data != DEFAULT_DATA:
        parameters["data"] = data_to_text(address.data)
    if address.settings != DEFAULT_SETTINGS:
        parameters["train"] = settings_to_text(address.settings)
    if address.run not in (None, shipped_run):
        parameters["run"] = str(address.run)
    if address.image is not None:
        parameters["image"] = str(address.image)
    if address.epoch is not None:
        parameters["epoch"] = str(address.epoch)
    if address.unit is not None:
        parameters["at"] = address.unit
    return parameters


def data_to_text(data: DataChoice) -> str:
    """A choice of data as text: `fashion-mnist-10000_share0.8_seed1_only0.6`."""
    parts = [data.dataset]
    parts.append("official" if data.train_share is None else f"share{data.train_share:g}")
    if data.seed:
        parts.append(f"seed{data.seed}")
    if data.classes is not None:
        parts.append("only" + ".".join(str(label) for label in data.classes))
    return "_".join(parts)


def data_from_text(text: str) -> DataChoice | None:
    """The choice that a text describes; None if it describes none."""
    match = _DATA.fullmatch(text.strip().lower())
    if not match:
        return None
    share = None if match["official"] else float(match["share"] or DEFAULT_DATA.train_share or 0)
    only = match["only"]
    classes = tuple(sorted({int(label) for label in only.split(".")})) if only else None
    return DataChoice(match["dataset"], classes, share, int(match["seed"] or 0))


def settings_to_text(settings: Settings) -> str:
    """Settings of one phase as text: `adam_rate0.001_batch128_epochs30_seed1`."""
    parts = [
        settings.optimiser,
        f"rate{_exactly(settings.learning_rate(1))}",
        f"batch{settings.batch_size}",
        f"epochs{settings.epochs}",
        f"seed{settings.seed}",
    ]
    if settings.momentum:
        parts.append(f"momentum{settings.momentum:g}")
    if settings.patience is not None:
        parts.append(f"patience{settings.patience}")
    return "_".join(parts)


def _exactly(number: float) -> str:
    """As short as it may be and still read back to the same number, else a link is another run."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def settings_from_text(text: str) -> Settings:
    """The settings that a text describes. Raises JobError with a sentence if it describes none."""
    match = _SETTINGS.fullmatch(text.strip().lower())
    try:
        if match:
            patience = match["patience"]
            return Settings(
                (Phase(int(match["epochs"]), float(match["rate"])),),
                int(match["batch"]),
                cast(OptimiserName, match["optimiser"]),
                float(match["momentum"] or 0),
                int(match["seed"]),
                int(patience) if patience else None,
            )
    except JobError:
        raise
    except ValueError:
        pass  # a rate like 1e-e: the sentence below is for it, too
    raise JobError(
        f"The address asks for the training {text[:60]!r}, which could not be read. It should read "
        f"like {settings_to_text(DEFAULT_SETTINGS)}."
    )
