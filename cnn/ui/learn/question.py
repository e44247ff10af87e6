"""A lesson's question, answered before you look, and which ones a visitor has answered correctly."""

import streamlit as st

from cnn.ui.common.prose import Prose
from cnn.ui.components.component import component, pack
from cnn.ui.learn.controls import Controls


def ask(controls: Controls, prose: Prose, **numbers: object) -> bool:
    """Ask the question of `prose`, with `numbers` for its placeholders.

    Returns True once any answer has been chosen. The right answer counts as a lesson learned.
    """
    question = prose.question(**numbers)
    with st.container(border=True):
        chosen = st.radio(
            f"**Predict, then see.** {question.text}",
            range(len(question.answers)),
            index=None,
            format_func=lambda number: question.answers[number].text,
            key=f"learn-question-{controls.lesson}",
            persist_state="session",
        )
        if chosen is None:
            return False
        answer = question.answers[chosen]
        if answer.right:
            st.success(f"Correct. {answer.why}", icon=":material/check:")
            learned(controls.lesson)
        else:
            st.info(f"Not quite. {answer.why}", icon=":material/replay:")
    return True


_LEARNED = "learned"
_KEY = "learned-memory"
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

    _memory(key=_KEY, data=pack({"learned": sorted(lessons_learned())}, b""), kept=take_over)
