"""Lesson: Training."""

from cnn.ui.learn.controls import Setup
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.lessons import (
    training_batches,
    training_overfitting,
    training_rates,
    training_step,
)
from cnn.ui.state.session import Session

_TOPICS = {
    "step": ("One step", training_step),
    "rates": ("Learning rate", training_rates),
    "overfitting": ("Overfitting", training_overfitting),
    "batches": ("Batch size", training_batches),
}


def show(session: Session, setup: Setup) -> None:
    """Draw the topic that is chosen."""
    titles = {name: title for name, (title, _) in _TOPICS.items()}
    chosen = setup.choice("topic", "Topic", titles, "step")
    _TOPICS[chosen][1].show(session, setup)


LESSON = Lesson(
    "training",
    "Training",
    "Take **one step** of gradient descent, then train small networks side by side: what the learning"
    " rate, the number of images and the batch size do.",
    show,
    (
        View("One step on one kernel: which numbers move, and what it brings"),
        View("The untrained network: the first layer's slopes are small", "epoch-0_rate-0.5"),
        View("Too small, right, too large: train the three together", "topic-rates"),
        View("The same with Adam: why are its rates smaller?", "topic-rates_optimiser-adam"),
        View("Overfitting: when should this training have stopped?", "topic-overfitting"),
        View("Batch size: more steps or better ones?", "topic-batches"),
    ),
)
