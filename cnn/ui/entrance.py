"""The way in: every page is run by app.py, which names the pages and gives them their icons."""

from collections.abc import Sequence
from threading import Event

import streamlit as st

_open = Event()


def by_the_front() -> None:
    """Take note that app.py has been run on this server."""
    _open.set()


def from_the_side(pages: Sequence[str]) -> None:
    """Have a page that was run without app.py run again with it; `pages` are the files of all.

    For the folder pages/ Streamlit runs a page's file alone, and names the pages by their files,
    until st.navigation was called for the first time on a server.
    """
    if not _open.is_set():
        _open.set()  # whatever comes of it, nobody is sent round in circles
        known = [st.Page("app.py", default=True), *map(st.Page, pages)]
        st.navigation(known, position="hidden")
        st.rerun()
