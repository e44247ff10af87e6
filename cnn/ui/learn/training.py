"""Lesson: Training."""

from cnn.ui.learn.lesson import Lesson
from cnn.ui.learn.setup import Setup
from cnn.ui.session import Session


def show(session: Session, setup: Setup) -> None:
    """Draw it."""


LESSON = Lesson(
    "training",
    "Training",
    "What one step of gradient descent changes, and what the settings of a training do.",
    show,
)
