"""What one training, and all that wait, may ask of a shared server. A browser's limits bind nobody."""

from cnn.data.split import ChosenData
from cnn.network.plan import plan
from cnn.training.job import EPOCHS, Job
from cnn.training.run import RunError
from cnn.training.speed import reference_seconds

MOST_PARAMETERS = 2_000_000
MOST_SECONDS = 3600.0
"""Seconds that a run may take on the reference machine."""

LONGEST_QUEUE = 60
"""Runs of visitors that may wait at a time."""

LONGEST_PAUSE = 120.0
"""Seconds that a run may be paused while other visitors wait for its worker."""

MOST_IN_BACKGROUND = 600
"""Runs that all experiments together may still have to do."""


def seconds_per_epoch(job: Job, chosen: ChosenData) -> float:
    """Return the reference seconds of one epoch, if the whole run is within the limits.

    Raises RunError where it is too large or too long, and NetworkError where the network cannot
    read these images.
    """
    cost = plan(job.network, chosen.image_shape, len(chosen.classes))
    epochs = job.settings.epochs
    if cost.parameters > MOST_PARAMETERS:
        raise RunError(
            f"This network has {cost.parameters:,} parameters. The most you can train"
            f" here is {MOST_PARAMETERS:,}. Use fewer units or filters, or pool more."
        )
    if not EPOCHS.low <= epochs <= EPOCHS.high:
        raise RunError(
            f"A run can have {EPOCHS.low:g} to {EPOCHS.high:g} epochs in total, but this one would"
            f" have {epochs}. Ask for fewer."
        )
    seconds = reference_seconds(cost, len(chosen.train), job.settings.batch_size)
    if seconds * epochs > MOST_SECONDS:
        raise RunError(
            f"This run would take about {seconds * epochs / 60:.0f} minutes. The limit here is"
            f" {MOST_SECONDS / 60:.0f} minutes. Use a smaller network, fewer images or fewer epochs."
        )
    return seconds
