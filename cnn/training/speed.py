"""How long an epoch takes, told before it is trained."""

from math import ceil

from cnn.network.layers import BatchNormalisation
from cnn.network.plan import Plan

# Fitted to the measured epochs of seventeen networks at batches of 32 to 512 on two cores.
_PER_STEP = 4.0e-4
_PER_IMAGE = 5.7e-6
_PER_OUTPUT = 3.4e-9
_PER_NORMALISED_OUTPUT = 2.2e-8
_PER_MULTIPLICATION = 2.5e-11
_PER_PARAMETER_AND_STEP = 1.0e-8


def reference_seconds(plan: Plan, images: int, batch_size: int) -> float:
    """Seconds of an epoch over `images` images on the machine that the costs were measured on.

    In small networks what the layers give out costs more than their multiplications: they wait for
    memory. Within a factor of two for the networks measured; another machine takes some factor times as
    long, which the engine learns from the epochs it sees.
    """
    normalised = sum(
        layer.outputs for layer in plan.layers if isinstance(layer.operation, BatchNormalisation)
    )
    image = (
        _PER_IMAGE
        + _PER_OUTPUT * plan.outputs
        + _PER_NORMALISED_OUTPUT * normalised
        + _PER_MULTIPLICATION * plan.multiply_accumulates
    )
    step = _PER_STEP + _PER_PARAMETER_AND_STEP * plan.parameters
    return step * ceil(images / batch_size) + image * images
