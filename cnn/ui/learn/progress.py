"""Which lessons' questions this visitor has answered; the browser keeps it from visit to visit."""

import streamlit as st

from cnn.ui.components.component import component, pack

_LEARNED = "learned"
_KEY = "learned-memory"
_memory = component("memory")


def lessons_learned() -> frozenset[str]:
    """The keys of the lessons whose question was answered rightly."""
    return frozenset(st.session_state.get(_LEARNED, ()))


def learned(lesson: str) -> None:
    """Its question has been answered rightly; the page is drawn again to show it."""
    if lesson not in lessons_learned():
        st.session_state[_LEARNED] = lessons_learned() | {lesson}
        st.rerun()


def remember() -> None:
    """Have the browser keep what was learned and tell what it kept from earlier visits."""

    def told() -> None:
        kept = st.session_state[_KEY].get("kept")
        if isinstance(kept, list):
            names = {name for name in kept if isinstance(name, str)}
            st.session_state[_LEARNED] = lessons_learned() | names

    _memory(key=_KEY, data=pack({"learned": sorted(lessons_learned())}, b""), on_kept_change=told)
