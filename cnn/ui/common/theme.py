"""Every color of the app, one meaning each: for Python, for the browser's components, for the charts.

The colors that Streamlit itself draws with are in `.streamlit/config.toml`, in light and in dark;
they are read from there, so that they are written once.
"""

import re
import tomllib
from pathlib import Path
from typing import Literal

Color = tuple[int, int, int]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

_CONFIG = Path(__file__).parents[3] / ".streamlit" / "config.toml"
_THEME = tomllib.loads(_CONFIG.read_text("utf-8"))["theme"]

POSITIVE: str = _THEME["light"]["blueColor"]
NEGATIVE: str = _THEME["light"]["orangeColor"]
QUIET: str = _THEME["light"]["grayColor"]
"""For what is neither above nor below zero, such as guide lines; it can be read on both schemes."""
FAINT = "#c9d3dd"
SELECTED = "#ff2d75"
"""The number, cell or image that is chosen."""

CATEGORIES: dict[Scheme, list[str]] = {
    scheme: _THEME[scheme]["chartCategoricalColors"] for scheme in SCHEMES
}
"""What charts color sets by where no meaning is given: training, validation, and others after them."""

RUNS = ("#0f8a80", "#8d5fd3", "#a36a00", "#c03a62", "#5d7a1f", "#64748b")
"""Compared runs; none is blue or orange, which are for signs only."""

CLASSES: dict[Scheme, tuple[str, ...]] = {
    "light": (
        *("#0072b2", "#d55e00", "#009e73", "#c2609a", "#8a7400"),
        *("#3a9bd9", "#c98a00", "#6a3d9a", "#6f6f6f", "#a0302a"),
    ),
    "dark": (
        *("#4da3e0", "#ff7f3f", "#2fc79a", "#e39bc4", "#d9c440"),
        *("#9fd6f7", "#f5b93d", "#b59aea", "#b0b0b0", "#e8766c"),
    ),
}
"""Classes as points of a map: with the common kinds of color blindness ten colors can be told apart
no better (after Okabe and Ito, 2008), so each class has a shape and its name as well."""

SIGNED: dict[Scheme, dict[str, list[Color]]] = {
    "light": {
        "positive": [(243, 243, 240), (139, 189, 232), (31, 119, 201), (8, 48, 107)],
        "negative": [(243, 243, 240), (250, 190, 130), (224, 123, 26), (127, 59, 8)],
    },
    "dark": {
        "positive": [(38, 41, 48), (28, 88, 156), (79, 160, 240), (214, 234, 255)],
        "negative": [(38, 41, 48), (156, 80, 18), (242, 150, 64), (255, 228, 200)],
    },
}
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
