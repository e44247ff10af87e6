"""What a worker is asked while somebody looks into a network.

The web process imports this module to name the functions, so what loads Keras is imported within.
"""

import numpy as np
from numpy.typing import NDArray

from cnn.network.plan import Plan

Array = NDArray[np.float32]


def layer_values(plan: Plan, weights: Array, image: NDArray[np.uint8]) -> dict[str, Array]:
    """Each layer's output for one image by the layer's name, computed by Keras itself."""
    from cnn.inspection import keras_values

    return keras_values.layer_values(plan, weights, image)
