"""Small jobs and data for the tests of training."""

from typing import Any

import numpy as np

from cnn.data.dataset import Dataset
from cnn.data.split import ChosenData, DataChoice, choose
from cnn.network.spec import Network
from cnn.training.events import EpochEnd
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Run

NETWORK = Network()


def chosen(images: int = 200) -> ChosenData:
    """Images of 8 x 8 pixels, in which a bright half tells the two classes apart."""
    generator = np.random.default_rng(0)
    labels = np.arange(images, dtype=np.int64) % 2
    pixels = generator.integers(0, 200, (images, 8, 8, 1))
    pixels[labels == 1, :4] += 55
    dataset = Dataset("Halves", f"halves-{images}", pixels.astype(np.uint8), labels, ("0", "1"), "")
    return choose(dataset, DataChoice(dataset.identity))


def settings(epochs: int = 2, seed: int = 1, **others: Any) -> Settings:
    """Settings with one phase."""
    return Settings((Phase(epochs, 0.01),), seed=seed, **others)


def job(epochs: int = 2) -> Job:
    """A job for `chosen()`."""
    return Job(NETWORK, chosen().choice, settings(epochs))


def new_run(run_id: str = "a-run", epochs: int = 2) -> Run:
    """A run that just began to train."""
    return Run(run_id, job(epochs), "training", "", 1.0, 1.0)


def epoch_end(epoch: int, weights: int = 10, validation_loss: float = 0.5) -> EpochEnd:
    """The end of an epoch, with weights that are all equal to its number."""
    vector = np.full(weights, epoch, dtype=np.float32)
    numbers = (epoch, 0.4, 0.8, validation_loss, 0.7, 0.01, 1.5)
    return EpochEnd(*numbers, weights=vector, resume=b"state %d" % epoch)
