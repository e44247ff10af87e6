"""Lesson: Softmax and cross-entropy."""

from cnn.ui.learn.lesson import Lesson
from cnn.ui.learn.setup import Setup
from cnn.ui.session import Session


def show(session: Session, setup: Setup) -> None:
    """Draw it."""


LESSON = Lesson(
    "softmax",
    "Softmax and cross-entropy",
    "From logits to probabilities, and from a probability to a loss.",
    show,
)
