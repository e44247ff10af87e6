"""A question to answer before one looks: every answer is told why it is right or wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from cnn.ui.learn import progress
from cnn.ui.learn.controls import Setup


@dataclass(frozen=True)
class Answer:
    """What can be answered, and what is said of it: why it is so, or what was overlooked."""

    text: str
    why: str
    right: bool = False


def question(setup: Setup, text: str, answers: Sequence[Answer]) -> bool:
    """Ask it; True once anything has been answered. The right answer is a lesson learned."""
    with st.container(border=True):
        chosen = st.radio(
            f"**Predict, then see.** {text}",
            range(len(answers)),
            index=None,
            format_func=lambda number: answers[number].text,
            key=f"learn-question-{setup.lesson}",
            persist_state="session",
        )
        if chosen is None:
            return False
        answer = answers[chosen]
        if answer.right:
            st.success(f"Yes. {answer.why}", icon=":material/check:")
            progress.learned(setup.lesson)
        else:
            st.info(f"Not so. {answer.why}", icon=":material/replay:")
    return True
