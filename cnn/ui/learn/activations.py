"""Lesson: Activation functions."""

from cnn.ui.learn.lesson import Lesson
from cnn.ui.learn.setup import Setup
from cnn.ui.session import Session


def show(session: Session, setup: Setup) -> None:
    """Draw it."""


LESSON = Lesson(
    "activations",
    "Activation functions",
    "The bend after every sum, without which layers could not be stacked.",
    show,
)
