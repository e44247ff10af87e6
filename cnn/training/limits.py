"""What one training may ask of a shared server. Checked here: a browser's limits bind nobody."""

from cnn.data.dataset import ChosenData
from cnn.network.plan import plan
from cnn.training.job import EPOCHS, Job
from cnn.training.run import RunError

MOST_PARAMETERS = 2_000_000
MOST_WORK = 5_000_000_000_000
"""Multiplications of a run's forward passes over its training images: roughly an hour."""


def work_per_epoch(job: Job, chosen: ChosenData) -> int:
    """The multiplications of one epoch's forward passes, if the whole run is within the limits.

    Raises:
        RunError: It is not.
        NetworkError: The network cannot read these images.
    """
    cost = plan(job.network, chosen.image_shape, len(chosen.classes))
    epochs = job.settings.epochs
    if cost.parameters > MOST_PARAMETERS:
        raise RunError(
            f"This network has {cost.parameters:,} parameters; at most {MOST_PARAMETERS:,} can be"
            " trained here. Use fewer units or filters, or pool more."
        )
    if not EPOCHS.low <= epochs <= EPOCHS.high:
        raise RunError(
            f"A run can have {EPOCHS.low:g} to {EPOCHS.high:g} epochs in all; this one would have"
            f" {epochs}. Ask for fewer."
        )
    work = cost.multiply_accumulates * len(chosen.train)
    if work * epochs > MOST_WORK:
        raise RunError(
            f"This run would take about {work * epochs / MOST_WORK:.1f} times the work allowed"
            " here. Use a smaller network, fewer images or fewer epochs."
        )
    return work
