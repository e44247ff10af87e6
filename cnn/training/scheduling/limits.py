"""What a training costs, and what one and all that wait may ask of a shared server.

A browser's limits bind nobody, so these are checked here.
"""

from math import ceil, prod

from cnn.data.split import ChosenData
from cnn.network.layers import BatchNormalization
from cnn.network.plan import Plan, plan
from cnn.server_limits import LIMITS
from cnn.training.job import EPOCHS, Job
from cnn.training.run import RunError

MOST_PARAMETERS = LIMITS.parameters
MOST_SECONDS = 60 * LIMITS.run_minutes
"""Seconds that a run may take on the reference machine."""

LONGEST_QUEUE = LIMITS.queue
"""Runs of visitors that may wait at a time."""

ADDRESS_SHARE = 4
"""How many times as many runs from one network address may wait as there is room for more. With
nobody else in the queue that is four fifths of it; what is left is for others."""

MOST_WAITING = LIMITS.waiting
"""Runs of one person that may wait to be continued. A run that waits to begin is replaced by the
person's next one."""

SLOT = 60 * LIMITS.slot
"""Seconds that a run may train at a time while others wait."""

LONGEST_PAUSE = 120.0
"""Seconds that a run may be paused before it gives its worker to others who wait."""

LONGEST_ABSENCE = 3600.0
"""Seconds after which a run that none of its people has looked at ends, if others wait."""

LONGEST_IDLE = 60 * LIMITS.idle_minutes
"""Seconds without a training or a question after which the workers are ended, to give back memory."""

MOST_IN_BACKGROUND = LIMITS.background
"""Runs that all experiments together may still have to do."""

TENSORFLOW_BYTES = 750e6
"""What a worker takes before it trains: Python, TensorFlow and Keras."""

# Fitted to the measured peaks of ten networks, see `python -m benchmarks memory`.
_WORKING_BYTES = 60e6
_COPIES_OF_PARAMETERS = 7
_COPIES_OF_IMAGES = 2
_FLOAT = 4
_EVALUATION_BATCH = 256

# Fitted to the measured epochs of seventeen networks at batches of 32 to 512 on two cores.
_PER_STEP = 4.0e-4
_PER_IMAGE = 5.7e-6
_PER_OUTPUT = 3.4e-9
_PER_NORMALIZED_OUTPUT = 2.2e-8
_PER_MULTIPLICATION = 2.5e-11
_PER_PARAMETER_AND_STEP = 1.0e-8


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
            f"A run can have {EPOCHS.low:g} to {EPOCHS.high:g} epochs in total, but this one would have {epochs}. Ask for fewer."
        )
    seconds = reference_seconds(cost, len(chosen.train), job.settings.batch_size)
    if seconds * epochs > MOST_SECONDS:
        raise RunError(
            f"This run would take about {seconds * epochs / 60:.0f} minutes. The limit here is"
            f" {MOST_SECONDS / 60:.0f} minutes. Use a smaller network, fewer images or fewer epochs."
        )
    return seconds


def training_bytes(plan: Plan, images: int, batch_size: int) -> float:
    """Estimate the memory that a worker takes to train on `images` images, TensorFlow included.

    The values of a batch are the most of it; those that are kept for the backward pass and their
    gradients together take about as much as all outputs would. The parameters are there several
    times (as the layers have them, as the optimizer has them, its moments, the gradient), and so
    are the images, one byte a number. The estimate is within a factor of 1.5 of the measured peaks.
    """
    values = max(batch_size, _EVALUATION_BATCH) * plan.outputs
    return (
        TENSORFLOW_BYTES
        + _WORKING_BYTES
        + _FLOAT * (values + _COPIES_OF_PARAMETERS * plan.parameters)
        + _COPIES_OF_IMAGES * images * prod(plan.image_shape)
    )


def check_memory(job: Job, chosen: ChosenData, available: float) -> None:
    """Raise RunError where a training takes more than the `available` bytes of a worker."""
    cost = plan(job.network, chosen.image_shape, len(chosen.classes))
    images, batch = len(chosen.train) + len(chosen.test), job.settings.batch_size
    needed = training_bytes(cost, images, batch)
    if needed > available:
        raise RunError(
            f"This training would take about {needed / 1e9:.1f} GB of memory. A worker here has"
            f" {available / 1e9:.1f} GB. Use a batch smaller than {batch}, fewer filters, more pooling, or fewer images."
        )


def reference_seconds(plan: Plan, images: int, batch_size: int) -> float:
    """Estimate the seconds of an epoch over `images` images on the reference machine.

    In small networks the layers' outputs cost more than their multiplications, because they wait for
    memory. The estimate is within a factor of two for the networks measured. Another machine takes
    some factor longer or shorter, which the engine measures (`Engine.speed_factor`).
    """
    normalized = sum(
        layer.outputs for layer in plan.layers if isinstance(layer.operation, BatchNormalization)
    )
    image = (
        _PER_IMAGE
        + _PER_OUTPUT * plan.outputs
        + _PER_NORMALIZED_OUTPUT * normalized
        + _PER_MULTIPLICATION * plan.multiply_accumulates
    )
    step = _PER_STEP + _PER_PARAMETER_AND_STEP * plan.parameters
    return step * ceil(images / batch_size) + image * images
