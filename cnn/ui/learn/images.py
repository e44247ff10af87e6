"""Lesson: What a CNN is."""

from cnn.ui.learn.lesson import Lesson
from cnn.ui.learn.setup import Setup
from cnn.ui.session import Session


def show(session: Session, setup: Setup) -> None:
    """Draw it."""


LESSON = Lesson(
    "images",
    "What a CNN is",
    "An image is numbers; a network turns them into an answer, layer by layer.",
    show,
)
