"""What one training may ask of a shared server. Checked here: a browser's limits bind nobody."""

from cnn.counts import thousands
from cnn.data.dataset import ChosenData
from cnn.network.plan import plan
from cnn.training.job import EPOCHS, Job
from cnn.training.run import RunError
from cnn.training.speed import reference_seconds

MOST_PARAMETERS = 2_000_000
MOST_SECONDS = 3600.0
"""Seconds that a run may take on the reference machine."""


def seconds_per_epoch(job: Job, chosen: ChosenData) -> float:
    """The reference seconds of one epoch, if the whole run is within the limits.

    Raises:
        RunError: It is not.
        NetworkError: The network cannot read these images.
    """
    cost = plan(job.network, chosen.image_shape, len(chosen.classes))
    epochs = job.settings.epochs
    if cost.parameters > MOST_PARAMETERS:
        raise RunError(
            f"This network has {thousands(cost.parameters)} parameters; at most {thousands(MOST_PARAMETERS)} can be"
            " trained here. Use fewer units or filters, or pool more."
        )
    if not EPOCHS.low <= epochs <= EPOCHS.high:
        raise RunError(
            f"A run can have {EPOCHS.low:g} to {EPOCHS.high:g} epochs in all; this one would have"
            f" {epochs}. Ask for fewer."
        )
    seconds = reference_seconds(cost, len(chosen.train), job.settings.batch_size)
    if seconds * epochs > MOST_SECONDS:
        raise RunError(
            f"This run would take about {seconds * epochs / 60:.0f} minutes; at most"
            f" {MOST_SECONDS / 60:.0f} are allowed here. Use a smaller network, fewer images or"
            " fewer epochs."
        )
    return seconds
