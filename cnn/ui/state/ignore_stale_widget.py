"""Hearing a widget whose key changes with what it shows, for as long as it is shown."""

from collections.abc import Callable

import streamlit as st


def heard(place: str, key: str, told: Callable[[], None]) -> Callable[[], None]:
    """`told` as the callback of the widget with this key, the one that is now shown at `place`.

    A busy browser tells once more of a widget that has been replaced, and Streamlit takes that for a
    change of it: what was chosen meanwhile would be lost. It is not heard any more.
    """
    st.session_state[f"shown-{place}"] = key

    def hear() -> None:
        if st.session_state[f"shown-{place}"] == key:
            told()

    return hear
