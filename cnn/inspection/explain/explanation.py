"""What is explained of a network's answer, the logit of a class, and what the gradients tell of it."""

from dataclasses import dataclass

import numpy as np

from cnn.arrays import Array
from cnn.network.layers import BatchNormalization, Convolution, Layer
from cnn.network.plan import Plan
from cnn.network.spec import Activation


@dataclass(frozen=True, eq=False)
class Gradients:
    """What gradients tell of the logit of one class for one image.

    `gradient` is d logit / d pixel with pixels from 0 to 1, (height, width, channels). `integrated`
    is the integrated gradients from the black image, summed over the channels, (height, width);
    `at_image` and `at_black` are the logit at both ends of the path. `cam` is the Grad-CAM map,
    (rows, columns) of the layer it was asked of, None if it was asked of none.
    """

    gradient: Array
    integrated: Array
    at_image: float
    at_black: float
    cam: Array | None

    @property
    def saliency(self) -> Array:
        """The largest |d logit / d pixel| over the channels: (height, width)."""
        return np.abs(self.gradient).max(axis=-1)


def class_logits(logits: Array) -> Array:
    """One logit a class, (n, classes): where a sigmoid's only logit is z, the classes have -z and z."""
    return np.concatenate([-logits, logits], axis=-1) if logits.shape[-1] == 1 else logits


def explained_layers(plan: Plan) -> tuple[Layer, ...]:
    """The layers Grad-CAM can be asked of, one a convolution: its activation, before any pooling."""
    last = {}
    for layer in plan.layers:
        of_convolution = isinstance(layer.operation, Convolution | BatchNormalization | Activation)
        if of_convolution and layer.receptive_field is not None:
            last[layer.block] = layer
    return tuple(last.values())
