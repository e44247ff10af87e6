"""Lesson: Pooling."""

from cnn.ui.learn.lesson import Lesson
from cnn.ui.learn.setup import Setup
from cnn.ui.session import Session


def show(session: Session, setup: Setup) -> None:
    """Draw it."""


LESSON = Lesson(
    "pooling",
    "Pooling",
    "Four numbers become one: the largest or their mean.",
    show,
)
