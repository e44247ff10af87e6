"""One HTML page that holds everything it shows: words, tables, charts, and components at work."""

import base64
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pandas as pd
import vl_convert
from markdown_it import MarkdownIt

from cnn.ui.common.charts import specification
from cnn.ui.common.theme import CATEGORIES, QUIET, SCHEMES, page_variables
from cnn.ui.components.modules import modules_of, style, with_bare_imports

_NUMBER = re.compile(r"–|[−<]?\d[\d.,\s]*(e[−-]?\d+)?[%s]?")

# A text may quote what somebody typed, so no HTML passes through, and nothing that leads elsewhere.
_MARKDOWN = MarkdownIt("js-default", {"linkify": False}).disable(
    ["autolink", "image", "link", "reference"]
)
# A picture does not know whether it stands on white or on black: gray can be read on both.
_CHART = {
    "background": "transparent",
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        **{f"{part}Color": QUIET for part in ("label", "title", "domain", "tick", "grid")},
        "gridOpacity": 0.2,
        "labelFontSize": 11,
        "titleFontSize": 12,
    },
    "range": {"category": [QUIET, *CATEGORIES["light"][1:]]},
    "legend": {"labelColor": QUIET, "titleColor": QUIET, "labelFontSize": 12},
}


class Table(NamedTuple):
    """A table whose cells are formatted already; `folded` under a title that opens it."""

    frame: pd.DataFrame
    folded: str = ""


class Chart(NamedTuple):
    """A chart, drawn as it is put in; `description` is what it shows, in words."""

    chart: Any
    description: str


class Live(NamedTuple):
    """A component of the app by its name, and its message: it works here as it does there."""

    component: str
    message: bytes


class Code(NamedTuple):
    """Source code under a title that opens it."""

    title: str
    source: str


Part = str | Table | Chart | Live | Code
"""What a section is made of; text is Markdown, as the app writes it."""


class Section(NamedTuple):
    """Some parts below a heading; charts that follow each other are side by side."""

    title: str
    parts: Sequence[Part]


def render(title: str, lead: str, sections: Sequence[Section]) -> bytes:
    """The whole page; `lead` is Markdown. It needs no other file and no server."""
    live = [part for section in sections for part in section.parts if isinstance(part, Live)]
    names = sorted({part.component for part in live})
    files = sorted({file for name in names for file in modules_of(name)})
    addresses = {
        file: f"data:text/javascript;base64,{_base64(with_bare_imports(file).encode())}"
        for file in files
    }
    page = _TEMPLATES.get_template("document.html").render(
        title=title,
        colors={scheme: page_variables(scheme) for scheme in SCHEMES},
        lead=lead,
        sections=sections,
        components=names,
        import_map=json.dumps({"imports": addresses}),
        styles={name: style(name) for name in names},
    )
    return page.encode()


def picture(chart: Any) -> str:
    """A chart as a data URL of an SVG."""
    drawn = specification(chart.properties(width=440))
    svg = vl_convert.vegalite_to_svg({**drawn, "config": _CHART})
    return f"data:image/svg+xml;base64,{_base64(svg.encode())}"


def numeric(table: pd.DataFrame) -> list[bool]:
    """Whether each column holds numbers, which are aligned to the right."""
    return [bool(table[name].astype(str).str.fullmatch(_NUMBER).all()) for name in table]


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.ChainableUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "base64": _base64,
    "markdown": _MARKDOWN.render,
    "numeric": numeric,
    "picture": picture,
}
