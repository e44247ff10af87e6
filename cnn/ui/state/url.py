"""The app's URL: one table of all its parameters, read and written here and nowhere else."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_type_hints

import streamlit as st

from cnn.challenges.challenge import LONGEST
from cnn.data.example import EXAMPLE_DATASET
from cnn.data.split import DataChoice
from cnn.network.link import from_text, to_text
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.job import Settings
from cnn.training.link import data_from_text, data_to_text, settings_from_text, settings_to_text
from cnn.ui.state.services import EXAMPLE_RUN

DEFAULT_DATA = DataChoice(EXAMPLE_DATASET)
DEFAULT_SETTINGS = Settings()
MOST_COMPARED = 6
"""Runs that can be compared at once."""

_SPELLINGS = {
    "colou?r": "color",
    "gr[ae]y": "gray",
    "optimi[sz]er": "optimizer",
    "normali[sz]ation": "normalization",
    "sobel-upright-edges": "sobel-vertical-edges",
    "sobel-level-edges": "sobel-horizontal-edges",
}
"""Names of controls, of their values and of layers in older links, and what they are called now."""


def spelled_as_now(text: str) -> str:
    """The text of an older link with the names that the app has now."""
    for former, spelling in _SPELLINGS.items():
        text = re.sub(former, spelling, text)
    return text


def _whole(name: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
        raise ValueError(
            f"The address asks for {name} {text[:60]!r}; it must be a whole number, 0 or more."
        )

    return parse


def _runs(text: str) -> tuple[str, ...] | None:
    return tuple(dict.fromkeys(filter(None, text[:500].split(","))))[:MOST_COMPARED] or None


@dataclass(frozen=True)
class Parameter:
    """One parameter of the URL.

    `parse` reads its text and raises ValueError with a sentence for a text that it cannot read;
    `instead` then says what is used. `format` is the other direction.
    """

    name: str
    parse: Callable[[str], Any] = str
    format: Callable[[Any], str] = str
    instead: str = "It was left out."


_NETWORK = Parameter("net", from_text, to_text, "The article's network is used instead.")
_DATA = Parameter("data", data_from_text, data_to_text, "The example images are used instead.")
_SETTINGS = Parameter(
    "train", settings_from_text, settings_to_text, "The article's settings are used instead."
)


@dataclass(frozen=True)
class UrlState:
    """What a URL of the app says, in its order; a value that is the default is left out.

    `network`, `data` and `settings` are those of the next training. `run`, `image` (None: the first
    test image), `epoch` (None: the last) and `unit` are what is viewed. `lesson` and its `controls`,
    the `experiment`, the `compared` runs and the `challenge` belong to one page each. `join` is the
    code of a workshop to take part in, `host` the secret that makes its host, `projector` the code
    that is to be shown and nothing else.
    """

    network: Annotated[Network, _NETWORK] = ARTICLE
    data: Annotated[DataChoice, _DATA] = DEFAULT_DATA
    settings: Annotated[Settings, _SETTINGS] = DEFAULT_SETTINGS
    run: Annotated[str, Parameter("run")] = EXAMPLE_RUN
    image: Annotated[int | None, Parameter("image", _whole("image"))] = None
    epoch: Annotated[int | None, Parameter("epoch", _whole("epoch"))] = None
    unit: Annotated[str | None, Parameter("at", spelled_as_now)] = None
    lesson: Annotated[str | None, Parameter("lesson")] = None
    controls: Annotated[str, Parameter("set", spelled_as_now)] = ""
    experiment: Annotated[str | None, Parameter("experiment", lambda text: text[:64])] = None
    compared: Annotated[tuple[str, ...] | None, Parameter("compare", _runs, ",".join)] = None
    join: Annotated[str | None, Parameter("join", lambda text: text[:40])] = None
    host: Annotated[str | None, Parameter("host", lambda text: text[:80])] = None
    projector: Annotated[str | None, Parameter("projector", lambda text: text[:40])] = None
    challenge: Annotated[str | None, Parameter("challenge", lambda text: text[: LONGEST + 1])] = (
        None
    )


PARAMETERS: dict[str, Parameter] = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(UrlState, include_extras=True).items()
}
"""Every parameter, by the field of `UrlState` that it stands for."""


def read(parameters: Mapping[str, str]) -> tuple[UrlState, list[str]]:
    """What a URL says, and a sentence for each parameter that could not be read."""
    values, sentences = {}, []
    for field, parameter in PARAMETERS.items():
        if text := parameters.get(parameter.name):
            try:
                values[field] = parameter.parse(text)
            except ValueError as error:
                sentences.append(f"{error} {parameter.instead}")
    return UrlState(**values), sentences


def write(state: UrlState) -> dict[str, str]:
    """The parameters of a URL; what is as at the first start is left out."""
    return {
        parameter.name: parameter.format(getattr(state, field))
        for field, parameter in PARAMETERS.items()
        if getattr(state, field) != getattr(UrlState, field)
    }


def from_browser() -> tuple[UrlState, list[str]]:
    """As `read`, what the browser says that its URL is."""
    return read(st.query_params.to_dict())


def to_browser(**values: Any) -> None:
    """Put these fields of `UrlState` into the browser's URL; all other parameters stay."""
    names = {PARAMETERS[field].name for field in values}
    others = {name: text for name, text in st.query_params.to_dict().items() if name not in names}
    st.query_params.from_dict(others | write(UrlState(**values)))


def taken(field: str) -> Any:
    """The value of a field of `UrlState` in the browser's URL, which loses it; None if it has none."""
    parameter = PARAMETERS[field]
    text = st.query_params.get(parameter.name)
    if not text:
        return None
    del st.query_params[parameter.name]
    return parameter.parse(text)
