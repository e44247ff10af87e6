"""Lesson: Padding and stride."""

from cnn.ui.learn.lesson import Lesson
from cnn.ui.learn.setup import Setup
from cnn.ui.session import Session


def show(session: Session, setup: Setup) -> None:
    """Draw it."""


LESSON = Lesson(
    "padding",
    "Padding and stride",
    "What happens at the border, and how far a kernel moves.",
    show,
)
