"""A lesson's question: answer it before you look. Every answer is explained."""

import streamlit as st

from cnn.ui.common.prose import Prose
from cnn.ui.learn import progress
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
            progress.learned(controls.lesson)
        else:
            st.info(f"Not quite. {answer.why}", icon=":material/replay:")
    return True
