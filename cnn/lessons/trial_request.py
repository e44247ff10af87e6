"""The small trainings that the lesson on training asks for."""

from dataclasses import replace
from math import ceil
from typing import NamedTuple

from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.job import OptimizerName, Phase, Settings

IMAGES, EPOCHS = 1000, 10
"""The defaults of a trial."""


class TrialRequest(NamedTuple):
    """Everything that decides the numbers of a trial, which takes these as its arguments."""

    network: Network
    settings: Settings
    images: int

    @property
    def steps(self) -> int:
        return ceil(self.images / self.settings.batch_size)


def trial_request(
    optimizer: OptimizerName,
    rate: float,
    batch: int = 32,
    epochs: int = EPOCHS,
    images: int = IMAGES,
    dropout: float = 0.0,
) -> TrialRequest:
    """Return a training of the starter network; `dropout`, from 0 to 1, follows its dense layer."""
    network = replace(ARTICLE, dense=tuple(replace(one, dropout=dropout) for one in ARTICLE.dense))
    return TrialRequest(network, Settings((Phase(epochs, rate),), batch, optimizer), images)
