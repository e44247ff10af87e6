"""What the lessons ask a worker to compute.

The web process imports this module to name the functions, so what loads Keras is imported within.
"""

import numpy as np
from numpy.typing import NDArray

from cnn.lessons.gradient_step import Array, Descent
from cnn.network.plan import Plan


def descent(
    plan: Plan,
    weights: Array,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    alone: NDArray[np.bool_],
) -> Descent:
    """The loss of some images, its gradient by every weight, and the loss after steps."""
    from cnn.lessons import loss_gradient

    return loss_gradient.descent(plan, weights, images, labels, alone)
