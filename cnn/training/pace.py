"""How long an epoch takes, told before it is trained."""

from math import ceil

from cnn.network.layers import BatchNormalisation
from cnn.network.plan import Plan

# Fitted to the measured epochs of eleven networks at batches of 32 to 512 on two cores.
_PER_STEP = 4.0e-4
_PER_IMAGE = 5.7e-6
_PER_OUTPUT = 3.4e-9
_PER_NORMALISED_OUTPUT = 2.2e-8


def reference_seconds(plan: Plan, images: int, batch_size: int) -> float:
    """Seconds of an epoch over `images` images on the machine that the costs were measured on.

    What the layers give out costs more than their multiplications: small networks wait for memory.
    Within a factor of two for the networks measured; another machine takes some factor times as
    long, which the engine learns from the epochs it sees.
    """
    normalised = sum(
        layer.outputs for layer in plan.layers if isinstance(layer.operation, BatchNormalisation)
    )
    image = _PER_IMAGE + _PER_OUTPUT * plan.outputs + _PER_NORMALISED_OUTPUT * normalised
    return _PER_STEP * ceil(images / batch_size) + image * images
