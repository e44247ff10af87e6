"""The gradient of a batch's loss by every weight, computed by Keras. Runs on a worker."""

import keras
import numpy as np
import tensorflow as tf

from cnn.arrays import Array, Mask, Numbers, Pixels
from cnn.inspection.forward import scaled
from cnn.inspection.keras_values import USING, model_of
from cnn.lessons.gradient_step import LEARNING_RATES, GradientStep, stepped
from cnn.network.keras import set_flat_weights
from cnn.network.plan import Plan


def gradient_step(
    plan: Plan, weights: Array, images: Pixels, labels: Numbers, filter_only: Mask
) -> GradientStep:
    """Measure the cross-entropy of images with class numbers (n,), its gradient and steps along it.

    `images` are uint8 (n, height, width, channels), `weights` flat. `filter_only` marks the weights
    that move in `GradientStep.losses_filter_only`. Dropout is off, as in a prediction.
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
        filters = np.where(filter_only, gradient, np.float32(0))
        losses = [
            [loss_with(stepped(weights, slope, rate)) for rate in LEARNING_RATES]
            for slope in (gradient, filters)
        ]
        return GradientStep(float(loss), gradient, *np.array(losses, np.float32))


def _flat(model: keras.Sequential, slopes: list[tf.Tensor]) -> Array:
    """Lay the trainable variables' gradients out like the flat weights, with 0 in all other places."""
    found = {
        id(one): slope.numpy() for one, slope in zip(model.trainable_variables, slopes, strict=True)
    }
    weights = [variable for layer in model.layers for variable in layer.weights]
    parts = [found.get(id(one), np.zeros(one.shape, np.float32)).ravel() for one in weights]
    return np.concatenate(parts)
