"""Every color of the app, one meaning each: for Python, for the browser's components, for the charts.

The colors that Streamlit itself draws with are in `.streamlit/config.toml`, in light and in dark;
they are read from there, so that they are written once. `theme.toml` has the others.
"""

import re
import tomllib
from pathlib import Path
from typing import Literal

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

_CONFIG = Path(__file__).parents[3] / ".streamlit" / "config.toml"
_THEME = tomllib.loads(_CONFIG.read_text("utf-8"))["theme"]
_OTHERS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))

POSITIVE: str = _THEME["light"]["blueColor"]
NEGATIVE: str = _THEME["light"]["orangeColor"]
QUIET: str = _THEME["light"]["grayColor"]
"""For what is neither above nor below zero, such as guide lines; it can be read on both schemes."""
FAINT: str = _OTHERS["faint"]
SELECTED: str = _OTHERS["selected"]
"""The number, cell or image that is chosen."""

CATEGORIES: dict[Scheme, list[str]] = {
    scheme: _THEME[scheme]["chartCategoricalColors"] for scheme in SCHEMES
}
"""What charts color sets by where no meaning is given: training, validation, and others after them."""

RUNS: list[str] = _OTHERS["runs"]
"""Compared runs; none is blue or orange, which are for signs only."""

CLASSES: dict[Scheme, list[str]] = _OTHERS["classes"]
"""Classes as points of a map: with the common kinds of color blindness ten colors can be told apart
no better (after Okabe and Ito, 2008), so each class has a shape and its name as well."""

SIGNED: dict[Scheme, dict[str, list[list[int]]]] = _OTHERS["signed"]
"""The diverging scale of signed values from exactly zero outwards: blue positive, orange negative."""


def css_variables() -> str:
    """The CSS rule that gives a component these colors by their meaning.

    They follow Streamlit's own variables from light to dark; outside Streamlit, where there are
    none, the light colors stand in.
    """
    training, validation, *_ = CATEGORIES["light"]
    variables = {
        "positive": f"var(--st-blue-color, {POSITIVE})",
        "negative": f"var(--st-orange-color, {NEGATIVE})",
        "training": f"var(--st-gray-text-color, {training})",
        "validation": f"var(--st-violet-color, {validation})",
        "quiet": f"var(--st-gray-color, {QUIET})",
        "action": f"var(--st-primary-color, {_THEME['light']['primaryColor']})",
        "selected": SELECTED,
    }
    rules = " ".join(f"--{name}: {value};" for name, value in variables.items())
    return f":host, :root {{ {rules} }}"


def page_variables(scheme: Scheme) -> str:
    """Streamlit's CSS variables with the colors of a scheme, for a page outside Streamlit."""
    theme = _THEME[scheme]
    colors = {key: value for key, value in theme.items() if key.endswith("Color")}
    colors["headingColor"] = theme["textColor"]
    return " ".join(
        f"--st-{re.sub('[A-Z]', lambda capital: f'-{capital[0].lower()}', key)}: {value};"
        for key, value in colors.items()
    )
