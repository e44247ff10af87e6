"""Every page is to be run by app.py, which names the pages and gives them their icons."""

from collections.abc import Sequence
from threading import Event

import streamlit as st

_app_has_run = Event()


def note_app_has_run() -> None:
    """Take note that app.py has been run on this server."""
    _app_has_run.set()


def run_by_app(pages: Sequence[str]) -> None:
    """Have a page that was run without app.py run again with it; `pages` are the files of all.

    For the folder pages/ Streamlit runs a page's file alone, and names the pages by their files,
    until st.navigation was called for the first time on a server.
    """
    if not _app_has_run.is_set():
        _app_has_run.set()  # whatever comes of it, it is tried once
        known = [st.Page("app.py", default=True), *map(st.Page, pages)]
        st.navigation(known, position="hidden")
        st.rerun()
