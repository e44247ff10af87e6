"""Every value that a trained network computes for an image, in NumPy, with Keras as the authority."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from threadpoolctl import ThreadpoolController

from cnn.arrays import Array, Pixels
from cnn.network.layers import Layer
from cnn.network.plan import Plan

# Matrices as small as these are multiplied as fast by one thread, and on a busy machine many times
# faster: two wait for each other.
_BLAS = ThreadpoolController().select(user_api="blas")


def scaled(images: Pixels) -> Array:
    """Pixels from 0..255 to 0..1, as every network here reads them."""
    return images.astype(np.float32) / np.float32(255)


def forward(plan: Plan, weights: Array, images: Pixels) -> dict[str, Array]:
    """The output of every layer by the layer's name, and "image" for the scaled input.

    `weights` is a flat vector in the order of `plan.weights`; `images` are uint8
    (n, height, width, channels). Each output is float32 (n, *layer.output_shape). Not-a-number
    weights give not-a-number values, no error.
    """
    arrays = plan.split(weights)
    x = scaled(images)
    outputs = {"image": x}
    # A diverged network may be looked at, too.
    with np.errstate(all="ignore"), _BLAS.limit(limits=1):
        for layer in plan.layers:
            x = apply(layer, x, arrays)
            outputs[layer.name] = x
    return outputs


def apply(layer: Layer, x: Array, weights: Mapping[str, Array]) -> Array:
    """One layer's output for the output `x` of the layer before it; `weights` are all, by name."""
    return layer.operation.apply(x, [weights[weight.name] for weight in layer.weights])


def through(layers: Iterable[Layer], x: Array, weights: Mapping[str, Array]) -> Array:
    """What the last of these layers gives for what the first reads; `weights` are all, by name."""
    for layer in layers:
        x = apply(layer, x, weights)
    return x


def probabilities(plan: Plan, weights: Array, images: Pixels) -> Array:
    """The probability of every class for every image: (n, classes).

    A sigmoid output gives the second class's probability p; the first has 1 - p.
    """
    return class_probabilities(after(plan.layers, plan.split(weights), images))


def after(layers: Sequence[Layer], weights: Mapping[str, Array], images: Pixels) -> Array:
    """What the last of these layers gives for every image, worked out in portions."""
    with np.errstate(all="ignore"), _BLAS.limit(limits=1):
        parts = (scaled(images[here]) for here in portions(layers, len(images)))
        return np.concatenate([through(layers, part, weights) for part in parts])


MOST_AT_ONCE = 200
"""Images that go through a network at once: more would not fit into a processor's cache."""

NUMBERS_AT_ONCE = 2**24
"""Numbers that a portion of images may need in any one step: 64 MB of float32."""


def portions(layers: Sequence[Layer], images: int) -> Iterator[slice]:
    """Which of `images` images go through these layers at once, portion after portion.

    Raises ValueError where there is no image.
    """
    if not images:
        raise ValueError("Expected at least one image. Received: none")
    each = max((layer.operation.working_numbers(layer.input_shape) for layer in layers), default=1)
    size = max(1, min(MOST_AT_ONCE, NUMBERS_AT_ONCE // each))
    for start in range(0, images, size):
        yield slice(start, start + size)


def class_probabilities(outputs: Array) -> Array:
    """The network's last outputs as one probability a class, (n, classes), one-unit sigmoid included."""
    if outputs.shape[-1] == 1:
        return np.concatenate([1 - outputs, outputs], axis=-1)
    return outputs
