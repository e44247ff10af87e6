"""Gradients of a class's logit: saliency, integrated gradients, Grad-CAM. Runs on a worker."""

import keras
import numpy as np
import tensorflow as tf

from cnn.arrays import Array, Pixels
from cnn.inspection.explain.explanation import Gradients, class_logits
from cnn.inspection.forward import scaled
from cnn.inspection.keras_values import USING, model_of
from cnn.network.plan import Plan

_PORTION = 32  # images of a path at a time


def attribution(
    plan: Plan, weights: Array, image: Pixels, target: int, steps: int, layer: str | None
) -> Gradients:
    """What gradients tell of the logit of class `target` for a uint8 image (height, width, channels).

    `steps` is the number of points at which the gradient is taken on the way from the black image;
    `layer` names the layer whose maps Grad-CAM weighs, None for no Grad-CAM.
    """
    pixels = scaled(image[None])
    with USING:
        model = model_of(plan, weights)
        gradient, cam = _gradient_and_cam(model, pixels, target, layer)
        integrated = _integrated(model, pixels, target, steps)
        ends = np.concatenate([pixels, np.zeros_like(pixels)])
        logits = class_logits(_through(model, tf.constant(ends), None)[0].numpy())
    at_image, at_black = logits[:, target].tolist()
    return Gradients(gradient, integrated, at_image, at_black, cam)


def _gradient_and_cam(
    model: keras.Sequential, pixels: Array, target: int, layer: str | None
) -> tuple[Array, Array | None]:
    """d logit / d pixel (Simonyan et al., 2014), and Grad-CAM (Selvaraju et al., 2017).

    Grad-CAM adds up the layer's maps, each times the mean of d logit / d cell over its cells, and
    keeps what is positive.
    """
    x = tf.constant(pixels)
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits, maps = _through(model, x, layer)
        score = _score(logits, target)
    if maps is None:
        return tape.gradient(score, x)[0].numpy(), None
    gradient, by_cell = tape.gradient(score, [x, maps])
    share = by_cell[0].numpy().mean(axis=(0, 1), dtype=np.float64)
    with np.errstate(all="ignore"):  # a diverged network has no such map; the page says so
        cam = np.maximum((maps[0].numpy() * share).sum(axis=-1), 0)
    return gradient[0].numpy(), cam.astype(np.float32)


def _integrated(model: keras.Sequential, pixels: Array, target: int, steps: int) -> Array:
    """Integrated gradients from the black image (Sundararajan et al., 2017), by the midpoint rule."""
    total = np.zeros(pixels.shape[1:], np.float64)
    shares = ((np.arange(steps) + 0.5) / steps).astype(np.float32)
    for start in range(0, steps, _PORTION):
        x = tf.constant(shares[start : start + _PORTION, None, None, None] * pixels)
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = _score(_through(model, x, None)[0], target)
        total += tape.gradient(score, x).numpy().sum(axis=0, dtype=np.float64)
    with np.errstate(all="ignore"):
        by_channel = pixels[0] * total / steps
    return by_channel.sum(axis=-1).astype(np.float32)


def _through(
    model: keras.Sequential, x: tf.Tensor, layer: str | None
) -> tuple[tf.Tensor, tf.Tensor | None]:
    """The logits, and what the named layer gives on the way."""
    kept = None
    for one in model.layers[:-1]:
        x = one(x, training=False)
        if one.name == layer:
            kept = x
    return x, kept


def _score(logits: tf.Tensor, target: int) -> tf.Tensor:
    """The logit of a class, added up over the images; a sigmoid's only one is that of the second."""
    if logits.shape[-1] == 1:
        return tf.reduce_sum(logits if target == 1 else -logits)
    return tf.reduce_sum(logits[:, target])
