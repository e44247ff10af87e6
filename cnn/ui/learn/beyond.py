"""Lesson: Where it goes from here."""

from cnn.ui.learn.lesson import Lesson
from cnn.ui.learn.setup import Setup
from cnn.ui.session import Session


def show(session: Session, setup: Setup) -> None:
    """Draw it."""


LESSON = Lesson(
    "beyond",
    "Where it goes from here",
    "LeNet-5, AlexNet, VGG, ResNet, YOLO: the idea that each added.",
    show,
)
