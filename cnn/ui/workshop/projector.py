"""The page for the projector: how to join, readable from the last row, and nothing else."""

from html import escape

import streamlit as st

from cnn.ui.common import navigation
from cnn.ui.common.formatting import counted
from cnn.ui.common.notices import show_error
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import polled
from cnn.ui.common.workshop_frame import EVERY
from cnn.ui.state import services, url
from cnn.ui.workshop.links import join_link, only_here, qr_code
from cnn.workshop.code import spaced
from cnn.workshop.workshop import WorkshopError

_TEXT = read_sections(__file__)
_HUGE = '<{tag} style="font-size: min({width}vw, {height}vh); line-height: 1.1; margin: 0 0 0.4em; padding: 0; {more}">{text}</{tag}>'
_CODE = "font-weight: 700; font-family: monospace; white-space: nowrap;"


def code_to_show() -> str | None:
    """The code that the URL says is to be shown, if it does."""
    return url.from_browser()[0].projector


def projector(code: str) -> None:
    """The code, the address, the QR code, and how many have joined."""
    navigation.run_by_app()
    st.set_page_config(page_title="Join · CNN Playground", layout="wide")
    try:
        workshop = services.workshops().by_code(code)
    except WorkshopError as error:
        show_error(error)
        return
    address = join_link(workshop.code)
    words, picture = st.columns([3, 2], vertical_alignment="center")
    with words:
        _huge(workshop.plan.title, 3.2, 7, "font-weight: 600;", "h1")
        _huge(_TEXT.text("go to"), 2.2, 4)
        _huge(
            address.partition("?")[0].partition("://")[2].rstrip("/"), 3.2, 7, "font-weight: 600;"
        )
        _huge(spaced(workshop.code), 12.5, 30, _CODE)
        polled(_joined, EVERY, workshop.id)
    with picture:
        st.image(qr_code(address), width="stretch", alt=f"QR code of {address}")
        if only_here(address):
            _TEXT.caption("only here")


def _huge(text: str, width: float, height: float, more: str = "", tag: str = "p") -> None:
    """A text as large as these percentages of the window, whichever is smaller."""
    st.html(_HUGE.format(text=escape(text), width=width, height=height, more=more, tag=tag))


def _joined(workshop: str) -> None:
    try:
        if services.workshops().workshop(workshop).over:
            _huge(_TEXT.text("over"), 2.6, 6)
            return
        people = len(services.workshops().participants(workshop))
    except WorkshopError as error:
        show_error(error)
        return
    _huge(_TEXT.text("joined", joined=counted(people, "person has", "people have")), 2.6, 6)
