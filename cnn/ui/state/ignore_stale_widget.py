"""Hearing a widget for as long as it is shown: while its page is open and it has not been replaced."""

from collections.abc import Callable

import streamlit as st

_PAGE, _SHOWN = "page-shown", "widgets-shown"


def page_begins(page: str) -> None:
    """Take note of the page that is run now: what was shown on another is not heard any more."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE], st.session_state[_SHOWN] = page, {}


def heard(place: str, key: str, told: Callable[[], None]) -> Callable[[], None]:
    """`told` as the callback of the widget with this key, the one that is now shown at `place`.

    A busy browser tells once more of a widget that has been replaced, or whose page has been left,
    and Streamlit takes that for a change of it: what was chosen meanwhile would be lost. It is not
    heard any more.
    """
    st.session_state.setdefault(_SHOWN, {})[place] = key

    def hear() -> None:
        if st.session_state.get(_SHOWN, {}).get(place) == key:
            told()

    return hear
