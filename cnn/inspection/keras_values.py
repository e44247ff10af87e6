"""What Keras itself computes for an image, layer by layer. Runs on a worker."""

import threading
from functools import lru_cache

import keras
import numpy as np

from cnn.arrays import Array, Pixels
from cnn.inspection.forward import scaled
from cnn.network.keras import build, set_flat_weights
from cnn.network.plan import Plan

USING = threading.Lock()
"""Held from setting a model's weights until its last answer: the models are shared."""


def layer_values(plan: Plan, weights: Array, image: Pixels) -> dict[str, Array]:
    """Each layer's output by name, as the Keras model computes it for one uint8 image."""
    with USING:
        model = model_of(plan, weights)
        outputs = _every_layer(model)(scaled(image[None]), training=False)
        names = [layer.name for layer in model.layers]
        return {name: np.asarray(out)[0] for name, out in zip(names, outputs, strict=True)}


def model_of(plan: Plan, weights: Array) -> keras.Sequential:
    """The Keras model of a plan with flat weights. The caller must hold `USING`."""
    model = _model(plan)
    set_flat_weights(model, plan, weights)
    return model


@lru_cache(maxsize=16)
def _model(plan: Plan) -> keras.Sequential:
    return build(plan, seed=0)


@lru_cache(maxsize=16)
def _every_layer(model: keras.Sequential) -> keras.Model:
    return keras.Model(model.inputs[0], [layer.output for layer in model.layers])
