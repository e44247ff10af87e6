"""Lesson: Softmax and cross-entropy."""

from functools import partial

import streamlit as st

from cnn.ui.learn.controls import Setup
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.lessons import softmax_classes, softmax_two
from cnn.ui.learn.question import Answer, question
from cnn.ui.state.session import Session

_PARTS = {
    "classes": ("Several classes", softmax_classes),
    "two": ("Two classes: softmax or sigmoid", softmax_two),
}


def show(session: Session, setup: Setup) -> None:
    """Draw the part that is chosen, with the question on both."""
    titles = {name: title for name, (title, _) in _PARTS.items()}
    chosen = setup.choice("part", "Look at", titles, "classes")
    text, picture = st.columns([1, 2], gap="large")
    _PARTS[chosen][1].show(session, setup, text, picture, partial(_ask, setup))


def _ask(setup: Setup) -> None:
    question(
        setup,
        "Add 5 to **every** logit. What becomes of the probabilities?",
        (
            Answer(
                "All grow",
                "They cannot: shares of one whole always add up to 1.",
            ),
            Answer(
                "The largest grows, the others shrink",
                "A multiplication would do that, such as a low temperature. An addition makes every"
                " exponential larger by the same factor.",
            ),
            Answer(
                "Nothing",
                "Every exponential becomes e⁵ times as large, and so does their sum: it cancels. Only"
                " the differences between logits count. Move “Added to every logit” to see it.",
                right=True,
            ),
        ),
    )


LESSON = Lesson(
    "softmax",
    "Softmax and cross-entropy",
    "From logits to probabilities, and from a probability to a loss: **move a logit** and follow it"
    " through the table.",
    show,
    (
        View("Three logits become shares of 1, and a share becomes a loss"),
        View("A low temperature: the largest logit takes nearly all", "temperature-0.3"),
        View("The trained network's ten logits for a garment", "logits-network"),
        View("Two classes: softmax and sigmoid give the same answer", "part-two"),
    ),
)
