"""Which lessons' questions a visitor has answered correctly; the browser remembers them."""

import streamlit as st

from cnn.ui.components.component import component, pack

_LEARNED = "learned"
_memory = component("memory")


def lessons_learned() -> frozenset[str]:
    """Return the keys of the lessons whose question was answered correctly."""
    return frozenset(st.session_state.get(_LEARNED, ()))


def learned(lesson: str) -> None:
    """Note that the lesson's question was answered correctly, and draw the page again to show it."""
    if lesson not in lessons_learned():
        st.session_state[_LEARNED] = lessons_learned() | {lesson}
        st.rerun()


def remember() -> None:
    """Let the browser store what was learned, and take over what it stored on earlier visits."""

    def take_over(kept: object) -> None:
        if isinstance(kept, list):
            names = {name for name in kept if isinstance(name, str)}
            st.session_state[_LEARNED] = lessons_learned() | names

    data = pack({"learned": sorted(lessons_learned())}, b"")
    _memory(key="learned-memory", data=data, kept=take_over)
