"""Lesson: The article's code, made to work."""

from cnn.ui.learn.lesson import Lesson
from cnn.ui.learn.setup import Setup
from cnn.ui.session import Session


def show(session: Session, setup: Setup) -> None:
    """Draw it."""


LESSON = Lesson(
    "article",
    "The article's code, made to work",
    "The 2019 article's steps in their order, with what has changed since.",
    show,
)
