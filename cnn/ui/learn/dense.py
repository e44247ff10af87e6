"""Lesson: Flatten and fully connected."""

from cnn.ui.learn.lesson import Lesson
from cnn.ui.learn.setup import Setup
from cnn.ui.session import Session


def show(session: Session, setup: Setup) -> None:
    """Draw it."""


LESSON = Lesson(
    "dense",
    "Flatten and fully connected",
    "From maps to one long row of numbers, and from there to one sum a unit.",
    show,
)
