"""The example run and the item that it classifies, as several lessons show them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cnn.data.split import ChosenData
from cnn.inspection.forward import forward
from cnn.network.plan import Plan
from cnn.training.run import Run
from cnn.ui.components.image_grid import one_of_each
from cnn.ui.state import services
from cnn.ui.state.session import Session


@dataclass(frozen=True, eq=False)
class Example:
    """The trained starter network with flat `weights`, and the image `number` of `data`."""

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
        """The number of the image's actual class."""
        return int(self.data.labels[self.number])

    @property
    def class_name(self) -> str:
        """The name of the image's actual class."""
        return self.data.classes[self.label]

    @cached_property
    def outputs(self) -> dict[str, NDArray[np.float32]]:
        """The output of every layer for the image, by the layer's name."""
        batch = forward(self.plan, self.weights, self.image[None])
        return {name: values[0] for name, values in batch.items()}


def example(number: int | None = None) -> Example:
    """Return the example run at its last epoch with an image; by default its first test image."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    weights = services.weights(run.id, run.last_epoch)
    chosen = services.image_number(number, data)
    return Example(run, data, services.run_plan(run), weights, chosen)


def choose_item(session: Session, lesson: str) -> Example:
    """Let the visitor pick one of ten items, one per class; return the example run with it."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    return example(one_of_each(session, data, f"learn-garments-{lesson}", zoom=1))
