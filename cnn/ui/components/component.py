"""How Python and the browser's half of a component talk: a JSON head, then raw numbers."""

import json
from pathlib import Path
from typing import Any

import streamlit as st
from rjsmin import jsmin
from streamlit.components.v2.types import ComponentRenderer

_FOLDER = Path(__file__).parent


def component(name: str, *parts: str) -> ComponentRenderer:
    """Register the component whose script and style sheet are `name`.js and `name`.css here.

    `parts` name further scripts whose functions it uses; it always has those of shared.js.
    """
    place = f'<div class="{name.replace("_", "-")}"></div>'
    return st.components.v2.component(
        f"cnn_{name}", html=place, css=style(name), js=script(name, *parts)
    )


def style(name: str) -> str:
    """The style sheet of a component."""
    return (_FOLDER / f"{name}.css").read_text("utf-8")


def script(name: str, *parts: str) -> str:
    """The whole script of a component, see `component`, as short as can be.

    It is sent again with every change of the data.
    """
    files = [_FOLDER / f"{part}.js" for part in ("shared", *parts, name)]
    return str(jsmin("\n".join(file.read_text("utf-8") for file in files)))


def pack(head: dict[str, Any], body: bytes) -> bytes:
    """One message: the head's length (4 bytes, little-endian), the head as JSON, the body."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "little") + text + body
