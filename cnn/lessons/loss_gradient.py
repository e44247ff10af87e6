"""The gradient of a batch's loss by every weight, and the loss after steps. Runs on a worker."""

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn.inspection.forward import scaled
from cnn.inspection.keras_values import USING, model_of
from cnn.lessons.gradient_step import RATES, Array, Descent, stepped
from cnn.network.keras_model import set_flat_weights
from cnn.network.plan import Plan


def descent(
    plan: Plan,
    weights: Array,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    alone: NDArray[np.bool_],
) -> Descent:
    """The cross-entropy of uint8 images (n, height, width, channels) with class numbers (n,).

    `weights` are flat; `alone` says which of them `Descent.alone` moves. The network is as it
    answers, without dropout.
    """
    pixels = tf.constant(scaled(images))
    sigmoid = plan.network.output == "sigmoid"
    cross_entropy = (
        keras.losses.BinaryCrossentropy()
        if sigmoid
        else keras.losses.SparseCategoricalCrossentropy()
    )
    targets = labels[:, None] if sigmoid else labels
    with USING:
        model = model_of(plan, weights)

        def loss_with(moved: Array) -> float:
            set_flat_weights(model, plan, moved)
            return float(cross_entropy(targets, model(pixels, training=False)))

        with tf.GradientTape() as tape:
            loss = cross_entropy(targets, model(pixels, training=False))
        gradient = _flat(model, tape.gradient(loss, model.trainable_variables))
        filters = np.where(alone, gradient, np.float32(0))
        return Descent(
            float(loss),
            gradient,
            *(
                np.array([loss_with(stepped(weights, slope, rate)) for rate in RATES], np.float32)
                for slope in (gradient, filters)
            ),
        )


def _flat(model: keras.Sequential, slopes: list[tf.Tensor]) -> Array:
    """The trainable variables' gradients in the places of their weights, 0 in all other places."""
    found = {
        id(one): slope.numpy() for one, slope in zip(model.trainable_variables, slopes, strict=True)
    }
    weights = [variable for layer in model.layers for variable in layer.weights]
    parts = [found.get(id(one), np.zeros(one.shape, np.float32)).ravel() for one in weights]
    return np.concatenate(parts)
