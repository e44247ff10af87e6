"""What Keras itself computes for an image, layer by layer.

The web process imports this module to name the functions that a worker runs; Keras is imported
within them.
"""

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cnn.arrays import Array, Pixels
from cnn.inspection.forward import scaled
from cnn.network.plan import Plan

if TYPE_CHECKING:
    import keras

USING = threading.Lock()
"""Held from setting a model's weights until its last answer: the models are shared."""


def layer_output(plan: Plan, weights: Array, image: Pixels, layer: str) -> Array:
    """One layer's output for one image; KeyError for a layer that the plan does not have."""
    return layer_values(plan, weights, image)[layer]


def layer_values(plan: Plan, weights: Array, image: Pixels) -> dict[str, Array]:
    """Each layer's output by name, as the Keras model computes it for one uint8 image."""
    with USING:
        model = model_of(plan, weights)
        outputs = _every_layer(model)(scaled(image[None]), training=False)
        names = [layer.name for layer in model.layers]
        return {name: np.asarray(out)[0] for name, out in zip(names, outputs, strict=True)}


def model_of(plan: Plan, weights: Array) -> "keras.Sequential":
    """The Keras model of a plan with flat weights. The caller must hold `USING`."""
    from cnn.network.keras import set_flat_weights

    model = _model(plan)
    set_flat_weights(model, plan, weights)
    return model


@lru_cache(maxsize=16)
def _model(plan: Plan) -> "keras.Sequential":
    from cnn.network.keras import build

    return build(plan, seed=0)


@lru_cache(maxsize=16)
def _every_layer(model: "keras.Sequential") -> "keras.Model":
    import keras

    return keras.Model(model.inputs[0], [layer.output for layer in model.layers])
