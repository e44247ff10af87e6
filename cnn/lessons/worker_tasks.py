"""What the lessons ask a worker to compute.

The web process imports this module to name the functions, so what loads Keras is imported within.
"""

from cnn.arrays import Array, Mask, Numbers, Pixels
from cnn.lessons.gradient_step import GradientStep
from cnn.network.plan import Plan


def gradient_step(
    plan: Plan, weights: Array, images: Pixels, labels: Numbers, filter_only: Mask
) -> GradientStep:
    """Measure a batch's loss, its gradient, and the loss after steps; see `loss_gradient`."""
    from cnn.lessons import loss_gradient

    return loss_gradient.gradient_step(plan, weights, images, labels, filter_only)
