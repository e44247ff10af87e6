"""Whether a network still consists of numbers."""

import numpy as np

from cnn.evaluation.health.measurements import FiniteWeights, HealthInput, learning_layers


def finite_weights(given: HealthInput) -> FiniteWeights:
    """The share of weights per layer that are infinite or NaN, as a diverged training leaves them."""
    arrays = given.plan.split(given.weights)
    layers = learning_layers(given.plan)
    lost = tuple(
        float(np.mean(~np.isfinite(np.concatenate([arrays[w.name].ravel() for w in one.weights]))))
        for one in layers
    )
    return FiniteWeights(layers, lost)
