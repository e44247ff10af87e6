"""Waiting for a worker's answer without holding up the page."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import streamlit as st

from cnn.ui.common.formatting import escaped
from cnn.ui.state import services

POLL = 0.4
"""Seconds between two looks at whether an answer is there."""


def when_there(asked: Future[Any], doing: str, show: Callable[[Any], None]) -> None:
    """Call `show` with the answer once it is there; until then a line says what is being done.

    An error is shown as a sentence. An answer that was withdrawn is asked for again.
    """
    with st.container():  # one element, so that what follows keeps its place
        if not asked.done() or asked.cancelled():
            wait_for(asked, doing)
        elif error := asked.exception():
            sentence = f"{doing}: the worker could not do it ({escaped(str(error))}). Reload the page in half a minute to try again."
            st.error(sentence, icon=":material/error:")
        else:
            show(asked.result())


def wait_for(asked: Future[Any], doing: str = "") -> None:
    """Run the page again once the answer is there; until then a line says what is being done."""
    polled(_look_for, POLL, asked, doing)


def wait_for_speed() -> None:
    """Run the page again once it has been measured how fast this server trains."""
    polled(_look_for_speed, 5 * POLL)


def polled(look: Callable[..., None], every: float | None, *arguments: Any) -> None:
    """Call `look` with the arguments, and again by itself every so many seconds (None: never)."""
    # In a container of its own: when it runs right after the page, Streamlit drops what the page has
    # drawn of it and not sent yet. The browser takes that for gone, moves up what stands behind it,
    # and then lets it be drawn over that; where nothing stood behind it, the page goes blank.
    with st.container():
        st.fragment(look, run_every=every)(*arguments)


def _look_for_speed() -> None:
    if services.engine().speed_factor is not None:
        st.rerun()


def _look_for(asked: Future[Any], doing: str) -> None:
    if asked.done():
        st.rerun()
    if doing:
        st.caption(f":material/hourglass: {doing} …")
