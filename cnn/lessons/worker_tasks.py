"""What the lessons ask a worker to compute.

The web process imports this module to name the functions, so what loads Keras is imported within.
"""

import numpy as np
from numpy.typing import NDArray

from cnn.lessons.gradient_step import Array, GradientStep
from cnn.network.plan import Plan


def gradient_step(
    plan: Plan,
    weights: Array,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    filter_only: NDArray[np.bool_],
) -> GradientStep:
    """Measure a batch's loss, its gradient, and the loss after steps; see `loss_gradient`."""
    from cnn.lessons import loss_gradient

    return loss_gradient.gradient_step(plan, weights, images, labels, filter_only)
