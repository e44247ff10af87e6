"""The shipped run at work on a garment, as several lessons show it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.inspection.forward import forward
from cnn.network.plan import Plan
from cnn.training.run import Run
from cnn.ui.components.image_grid import one_of_each
from cnn.ui.state import services
from cnn.ui.state.session import Session


@dataclass(frozen=True, eq=False)
class AtWork:
    """The article's network as it was trained, and the image it reads, by its `number` in `data`."""

    run: Run
    data: ChosenData
    plan: Plan
    weights: NDArray[np.float32]
    number: int

    @property
    def image(self) -> NDArray[np.uint8]:
        """The pixels: uint8 (height, width, channels)."""
        return self.data.dataset.images[self.number]

    @property
    def label(self) -> int:
        """The number of the image's class."""
        return int(self.data.labels[self.number])

    @cached_property
    def outputs(self) -> dict[str, NDArray[np.float32]]:
        """What every layer gives for the image, by the layer's name."""
        given = forward(self.plan, self.weights, self.image[None])
        return {name: values[0] for name, values in given.items()}


def on_a_garment(session: Session, lesson: str) -> AtWork:
    """Let a garment be chosen among one of each class; the shipped run at its last epoch reads it."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    number = one_of_each(session, data, f"learn-garments-{lesson}", zoom=1)
    weights = services.weights(run.id, run.last_epoch)
    return AtWork(run, data, services.run_plan(run), weights, number)
