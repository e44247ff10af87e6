"""What gradients tell of a network's answer: saliency, integrated gradients, Grad-CAM."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnn.arrays import Array, Pixels
from cnn.inspection.explain.target import Target, class_logits
from cnn.inspection.forward import scaled
from cnn.inspection.keras_values import USING, model_of
from cnn.network.layers import BatchNormalization, Convolution, Layer
from cnn.network.plan import Plan
from cnn.network.spec import Activation

if TYPE_CHECKING:
    import keras

_PORTION = 32  # images of a path at a time


@dataclass(frozen=True, eq=False)
class Gradients:
    """What gradients tell of the score of a `Target` for one image.

    `gradient` is d score / d pixel with pixels from 0 to 1, (height, width, channels). `integrated`
    is the integrated gradients from the black image, summed over the channels, (height, width);
    `at_image` and `at_black` are the score at both ends of the path. `cam` is the Grad-CAM map,
    (rows, columns) of the layer it was asked of, None if it was asked of none.
    """

    gradient: Array
    integrated: Array
    at_image: float
    at_black: float
    cam: Array | None

    @property
    def saliency(self) -> Array:
        """The largest |d score / d pixel| over the channels: (height, width)."""
        return np.abs(self.gradient).max(axis=-1)


def explained_layers(plan: Plan) -> tuple[Layer, ...]:
    """The layers Grad-CAM can be asked of, one a convolution: its activation, before any pooling."""
    kinds = Convolution | BatchNormalization | Activation
    found = (one for one in plan.layers if isinstance(one.operation, kinds) and one.receptive_field)
    return tuple({layer.block: layer for layer in found}.values())


def attribution(
    plan: Plan, weights: Array, image: Pixels, target: Target, steps: int, layer: str | None
) -> Gradients:
    """What gradients tell of the score of `target` for a uint8 image (height, width, channels).

    The gradient itself (Simonyan et al., 2014); integrated gradients from the black image
    (Sundararajan et al., 2017) by the midpoint rule with so many `steps`; and Grad-CAM (Selvaraju et
    al., 2017) of the maps of `layer` (None: no Grad-CAM): their sum, each times the mean of
    d score / d cell over its cells, where it is positive. Runs on a worker.
    """
    pixels = scaled(image)
    shares = ((np.arange(steps) + 0.5) / steps).astype(np.float32)
    total = np.zeros(pixels.shape, np.float64)
    with USING:
        model = model_of(plan, weights)
        ends = np.stack([pixels, np.zeros_like(pixels)])
        logits, gradient, maps, by_cell = _gradients(model, ends, target, layer)
        for start in range(0, steps, _PORTION):
            way = shares[start : start + _PORTION, None, None, None] * pixels
            total += _gradients(model, way, target)[1].sum(axis=0, dtype=np.float64)
    with np.errstate(all="ignore"):  # a diverged network has no such maps; the page says so
        at_image, at_black = target.score(class_logits(logits)).tolist()
        integrated = (pixels * total / steps).sum(axis=-1).astype(np.float32)
        means = by_cell[0].mean(axis=(0, 1), dtype=np.float64)
        cam = np.maximum((maps[0] * means).sum(axis=-1), 0).astype(np.float32)
    return Gradients(gradient[0], integrated, at_image, at_black, cam if layer else None)


def _gradients(
    model: "keras.Sequential", images: Array, target: Target, layer: str | None = None
) -> tuple[Array, ...]:
    """The logits, d score / d pixel, the maps of a layer and d score / d cell, image by image.

    Without a layer the maps are the images themselves.
    """
    import tensorflow as tf

    pixels = maps = x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        for one in model.layers[:-1]:
            x = one(x, training=False)
            if one.name == layer:
                maps = x
        # As `class_logits`: a sigmoid's only logit is that of the second class.
        score = target.score(tf.concat([-x, x], axis=-1) if x.shape[-1] == 1 else x)
    gradient, by_cell = tape.gradient(score, [pixels, maps])
    return x.numpy(), gradient.numpy(), maps.numpy(), by_cell.numpy()
