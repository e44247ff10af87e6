"""One step of gradient descent: its direction, and the loss after it."""

from dataclasses import dataclass

import numpy as np

from cnn.arrays import Array, Mask, Numbers, Pixels
from cnn.inspection.forward import scaled
from cnn.network.plan import Plan

LEARNING_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""The learning rates that a step is taken with, smallest first."""


@dataclass(frozen=True, eq=False)
class GradientStep:
    """The mean loss of a batch, its gradient, and the loss after a step with each learning rate.

    `gradient` is flat, in the order of `Plan.weights`: d loss / d weight. `losses` are the losses
    after a step of all weights, `losses_filter_only` those after the same step of one filter's
    weights; both are (len(LEARNING_RATES),).
    """

    loss: float
    gradient: Array
    losses: Array
    losses_filter_only: Array


def stepped(weights: Array, gradient: Array, rate: float) -> Array:
    return weights - np.float32(rate) * gradient


def filter_weights(plan: Plan, layer: str, channel: int) -> Mask:
    """Mark the kernel and the bias of one filter (`channel`, from 0) among the flat weights.

    Raises KeyError if the plan has no convolution called `layer`.
    """
    marked = np.zeros(plan.parameters, bool)
    parts = plan.split(marked)
    for part in ("kernel", "bias"):
        parts[f"{layer}/{part}"][..., channel] = True
    return marked


def gradient_step(
    plan: Plan, weights: Array, images: Pixels, labels: Numbers, filter_only: Mask
) -> GradientStep:
    """Measure the cross-entropy of images with class numbers (n,), its gradient and steps along it.

    `images` are uint8 (n, height, width, channels), `weights` flat. `filter_only` marks the weights
    that move in `GradientStep.losses_filter_only`. The network has no batch normalization, and
    dropout is off, as in a prediction. Runs on a worker, for Keras computes all this.
    """
    import tensorflow as tf

    from cnn.inspection.keras_values import USING, model_of
    from cnn.network.keras import cross_entropy, set_flat_weights

    pixels, targets = tf.constant(scaled(images)), labels[:, None]
    loss_of = cross_entropy(plan.network)
    with USING:
        model = model_of(plan, weights)

        def loss_with(moved: Array) -> float:
            set_flat_weights(model, plan, moved)
            return float(loss_of(targets, model(pixels, training=False)))

        with tf.GradientTape() as tape:
            loss = loss_of(targets, model(pixels, training=False))
        slopes = tape.gradient(loss, [one.value for one in model.trainable_variables])
        gradient = np.concatenate([np.ravel(slope) for slope in slopes])
        filters = np.where(filter_only, gradient, np.float32(0))
        losses = [
            [loss_with(stepped(weights, slope, rate)) for rate in LEARNING_RATES]
            for slope in (gradient, filters)
        ]
        return GradientStep(float(loss), gradient, *np.array(losses, np.float32))
