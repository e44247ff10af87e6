"""What is looked at on the Inspect page: one network, at one epoch, at work on one image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.inspection.edits import Edits
from cnn.inspection.units import Unit
from cnn.network.plan import Plan
from cnn.training.run import Run
from cnn.ui.inspect.selection import selected
from cnn.ui.state import services
from cnn.ui.state.session import Session


@dataclass(frozen=True, eq=False)
class InputImage:
    """An image as the network reads it, uint8 (height, width, channels), and what is known of it.

    `label` is the number of its class, None where nobody knows; `name` says in a few words what it
    is; `identity` is the same for the same pixels.
    """

    pixels: NDArray[np.uint8]
    label: int | None
    name: str
    identity: str


@dataclass(frozen=True, eq=False)
class InspectionView:
    """A run at an epoch, with its edits made, and the image it works on.

    `weights` are flat, edits included; `unit` is the number that is chosen, None where none is.
    """

    run: Run
    epoch: int
    edits: Edits
    plan: Plan
    weights: NDArray[np.float32]
    data: ChosenData
    subject: InputImage
    unit: Unit | None = None

    @property
    def network_key(self) -> tuple[str, int, Edits]:
        """Names these very weights."""
        return self.run.id, self.epoch, self.edits

    @property
    def key(self) -> tuple[object, ...]:
        """Names these weights and this image."""
        return *self.network_key, self.subject.identity


def look(session: Session, run: Run, epoch: int, subject: InputImage) -> InspectionView:
    """Everything together, with the session's edits. Raises RunError where weights are missing."""
    plan = services.run_plan(run)
    weights = services.edited_weights(run, epoch, session.edits)
    data = services.chosen(run.job.data)
    # Without the edits, so that the number looked at stays while a kernel is typed over.
    unit = selected(session, plan, services.weights(run.id, epoch), subject.pixels)
    return InspectionView(run, epoch, session.edits, plan, weights, data, subject, unit)
