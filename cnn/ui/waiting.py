"""Waiting for a worker's answer without holding up the page."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import streamlit as st

POLL = 0.4
"""Seconds between two looks at whether an answer is there."""


def when_there(asked: Future[Any], doing: str, show: Callable[[Any], None]) -> None:
    """Call `show` with the answer once it is there; until then a line says what is being done.

    An answer that is an error is told as a sentence. One that was withdrawn is asked for anew.
    """
    if asked.done() and not asked.cancelled():
        error = asked.exception()
        if error is None:
            show(asked.result())
        else:
            st.error(
                f"{doing}: the worker could not do it ({error}). Reload the page in half a minute"
                " to try again.",
                icon=":material/error:",
            )
        return
    st.fragment(_wait, run_every=POLL)(asked, doing)


def _wait(asked: Future[Any], doing: str) -> None:
    if asked.done():
        st.rerun()
    st.caption(f":material/hourglass: {doing} …")
