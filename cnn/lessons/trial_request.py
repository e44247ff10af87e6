"""The small trainings that the lesson on training asks for."""

from dataclasses import dataclass, replace
from math import ceil

from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.job import OptimizerName, Phase, Settings

IMAGES, EPOCHS, BATCH = 1000, 10, 32
"""The defaults of a trial."""

_MANY_EPOCHS = 40

TrialJob = tuple[Network, Settings, int]
"""Network, settings and number of images: everything that decides the numbers of a trial."""


@dataclass(frozen=True)
class TrialRequest:
    """A small training; `title` tells it apart from those next to it, `batch` is the batch size."""

    title: str
    optimizer: OptimizerName
    rate: float
    batch: int = BATCH
    epochs: int = EPOCHS
    images: int = IMAGES
    network: Network = ARTICLE

    @property
    def settings(self) -> Settings:
        """The settings of the training."""
        return Settings((Phase(self.epochs, self.rate),), self.batch, self.optimizer)

    @property
    def job(self) -> TrialJob:
        """What to train."""
        return self.network, self.settings, self.images

    @property
    def steps(self) -> int:
        """Steps per epoch."""
        return ceil(self.images / self.batch)


def overfitting_request(images: int, dropout: float) -> TrialRequest:
    """Return a training that is long enough to memorize a few images; `dropout` is from 0 to 1."""
    regularization = f"dropout {dropout:.0%}" if dropout else "no dropout"
    [dense] = ARTICLE.dense
    return TrialRequest(
        f"{images:,} images, {regularization}",
        optimizer="adam",
        rate=0.01,
        epochs=_MANY_EPOCHS,
        images=images,
        network=replace(ARTICLE, dense=(replace(dense, dropout=dropout),)),
    )
