"""What is viewed on the Inspect page: one network, at one epoch, at work on one image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.inspection.edits import Edits
from cnn.inspection.forward import class_probabilities, forward
from cnn.inspection.units import Unit
from cnn.network.plan import Plan
from cnn.training.run import Run
from cnn.ui.inspect.input_image import InputImage
from cnn.ui.inspect.selection import selected
from cnn.ui.state import services
from cnn.ui.state.session import Session

Outputs = dict[str, NDArray[np.float32]]
"""What every layer gives for one image, by the layer's name: arrays (1, *the layer's shape)."""


@dataclass(frozen=True, eq=False)
class InspectionView:
    """A run at an epoch, with its edits made, and the image it works on.

    `weights` are flat, edits included. `outputs` are what this network gives for the image: whoever
    needs them finds them here, so that an image goes through a network once per run of the page.
    `trained_outputs` are the same without the edits; `unit` is the number that is chosen, None where
    none is.
    """

    run: Run
    epoch: int
    edits: Edits
    plan: Plan
    weights: NDArray[np.float32]
    data: ChosenData
    subject: InputImage
    outputs: Outputs
    trained_outputs: Outputs
    unit: Unit | None = None

    @property
    def network_key(self) -> tuple[str, int, Edits]:
        """Names these very weights."""
        return self.run.id, self.epoch, self.edits

    @property
    def key(self) -> tuple[object, ...]:
        """Names these weights and this image."""
        return *self.network_key, self.subject.identity

    def probabilities(self, outputs: Outputs) -> NDArray[np.float32]:
        """The probability of each class (classes,) in `outputs` or `trained_outputs`."""
        return class_probabilities(outputs[self.plan.network.output])[0]


def view(session: Session, run: Run, epoch: int, subject: InputImage) -> InspectionView:
    """Everything together, with the session's edits. Raises RunError where weights are missing."""
    plan, edits = services.run_plan(run), session.viewed.edits
    weights = services.edited_weights(run, epoch, edits)
    pixels = subject.pixels[None]
    outputs = trained_outputs = forward(plan, weights, pixels)
    if edits:
        trained_outputs = forward(plan, services.weights(run.id, epoch), pixels)
    # Without the edits, so that the number viewed stays while a kernel is typed over.
    unit = selected(session, plan, trained_outputs)
    data = services.chosen(run.job.data)
    return InspectionView(
        run, epoch, edits, plan, weights, data, subject, outputs, trained_outputs, unit
    )
