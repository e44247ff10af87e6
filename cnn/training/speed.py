"""How long an epoch takes, estimated before it is trained."""

from math import ceil

from cnn.network.layers import BatchNormalization
from cnn.network.plan import Plan

# Fitted to the measured epochs of seventeen networks at batches of 32 to 512 on two cores.
_PER_STEP = 4.0e-4
_PER_IMAGE = 5.7e-6
_PER_OUTPUT = 3.4e-9
_PER_NORMALIZED_OUTPUT = 2.2e-8
_PER_MULTIPLICATION = 2.5e-11
_PER_PARAMETER_AND_STEP = 1.0e-8


def reference_seconds(plan: Plan, images: int, batch_size: int) -> float:
    """Estimate the seconds of an epoch over `images` images on the reference machine.

    In small networks the layers' outputs cost more than their multiplications, because they wait for
    memory. The estimate is within a factor of two for the networks measured. Another machine takes
    some factor longer or shorter, which the engine measures (`RunQueue.speed_factor`).
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
