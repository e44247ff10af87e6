"""The links of a workshop, and their QR codes."""

from io import BytesIO
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from cnn.ui.state.browser_echo import page_now
from cnn.ui.state.url import UrlState, write

_BORDER = 4
"""Cells of white around a QR code, which cameras need."""


def link(page: str, state: UrlState) -> str:
    """The whole URL of a page by its path, "" for Home, at the address the visitor's browser has."""
    here = urlsplit(st.context.url or "http://localhost:8501/")
    base = here.path.removesuffix(page_now()).rstrip("/")
    return f"{here.scheme}://{here.netloc}{base}/{page}?{urlencode(write(state))}"


def join_link(code: str) -> str:
    return link("", UrlState(join=code))


def host_link(secret: str) -> str:
    return link("", UrlState(host=secret))


def projector_link(code: str) -> str:
    return link("Workshop", UrlState(projector=code))


def only_here(url: str) -> bool:
    """Whether a link works on this machine only."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


def qr_code(url: str) -> str:
    """A QR code as SVG: dark on white in both color schemes, as cameras expect."""
    drawn = BytesIO()
    segno.make(url, error="m").save(
        drawn, kind="svg", border=_BORDER, light="#fff", xmldecl=False, omitsize=True
    )
    return drawn.getvalue().decode()
