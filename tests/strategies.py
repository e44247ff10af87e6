"""Random values of the app's own types, small enough that Keras builds them in no time."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnn.network.layers.activation import ACTIVATIONS, SLOPE
from cnn.network.layers.pooling import POOLINGS
from cnn.network.plan import Plan, plan
from cnn.network.spec import (
    BLOCKS,
    DENSE_LAYERS,
    DILATION,
    DROPOUT,
    FILTERS,
    FLATTENINGS,
    KERNEL,
    OUTPUTS,
    PADDINGS,
    POOL_SIZE,
    STRIDE,
    UNITS,
    Activation,
    ConvolutionBlock,
    DenseLayer,
    Network,
    NetworkError,
    Pooling,
    Range,
)

SEEDS = st.integers(0, 2**31 - 1)


def whole(allowed: Range, most: float = float("inf")) -> st.SearchStrategy[int]:
    """A whole number in the range, at most `most`."""
    return st.integers(int(allowed.low), int(min(allowed.high, most)))


def hundredths(allowed: Range) -> st.SearchStrategy[float]:
    """A number in the range, in hundredths."""
    return st.integers(round(allowed.low * 100), round(allowed.high * 100)).map(lambda n: n / 100)


def activations() -> st.SearchStrategy[Activation]:
    """Any activation."""
    return st.one_of(
        st.sampled_from([name for name in ACTIVATIONS if name != "leaky_relu"]).map(Activation),
        hundredths(SLOPE).map(lambda slope: Activation("leaky_relu", slope)),
    )


def poolings(most: float = float("inf")) -> st.SearchStrategy[Pooling]:
    """Any pooling with a size and a stride of at most `most`."""
    size = whole(POOL_SIZE, most)
    return st.builds(Pooling, st.sampled_from(POOLINGS), size, size)


def blocks(most: float = float("inf"), kernel: float = float("inf")) -> st.SearchStrategy:
    """Any convolution block with at most `most` filters and kernels of at most `kernel`."""
    plain = st.builds(
        ConvolutionBlock,
        filters=whole(FILTERS, most),
        kernel=whole(KERNEL, kernel),
        stride=whole(STRIDE),
        padding=st.sampled_from(PADDINGS),
        batch_normalization=st.booleans(),
        activation=activations(),
        pooling=st.none() | poolings(kernel),
        dropout=hundredths(DROPOUT),
    )
    dilated = st.builds(
        lambda block, dilation: replace(block, stride=1, dilation=dilation), plain, whole(DILATION)
    )
    return plain | dilated


def dense_layers(most: float = float("inf")) -> st.SearchStrategy[DenseLayer]:
    """Any dense layer with at most `most` units."""
    return st.builds(DenseLayer, whole(UNITS, most), activations(), hundredths(DROPOUT))


def networks(most: float = float("inf"), kernel: float = float("inf")) -> st.SearchStrategy:
    """Any network, whether images of some size can go through it or not."""
    return st.builds(
        Network,
        blocks=st.lists(blocks(most, kernel), max_size=int(BLOCKS.high)).map(tuple),
        flattening=st.sampled_from(FLATTENINGS),
        dense=st.lists(dense_layers(most), max_size=int(DENSE_LAYERS.high)).map(tuple),
        output=st.sampled_from(OUTPUTS),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A small network that images of the plan's size can go through."""
    network = draw(networks(most=4, kernel=4))
    side, channels = draw(st.integers(4, 16)), draw(st.sampled_from((1, 3)))
    classes = 2 if network.output == "sigmoid" else draw(st.integers(2, 5))
    for kept in range(len(network.blocks), 0, -1):
        try:
            shorter = replace(network, blocks=network.blocks[:kept])
            return plan(shorter, (side, side, channels), classes)
        except NetworkError:
            continue
    return plan(replace(network, blocks=()), (side, side, channels), classes)


def random_weights(plan: Plan, seed: int) -> NDArray[np.float32]:
    """Weights as after some training: no zero biases, no fresh averages, values of order 1."""
    random = np.random.default_rng(seed)
    parts = []
    for weight in plan.weights:
        kind = weight.name.split("/")[1]
        if kind in ("gamma", "moving_variance"):
            values = random.uniform(0.3, 2, weight.shape)
        elif kind == "kernel":
            values = random.normal(0, 1, weight.shape) / np.sqrt(np.prod(weight.shape[:-1]))
        else:
            values = random.normal(0, 0.5, weight.shape)
        parts.append(values.ravel())
    return np.concatenate(parts).astype(np.float32)


def random_images(plan: Plan, seed: int, count: int = 3) -> NDArray[np.uint8]:
    """Images of noise of the plan's shape."""
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, *plan.image_shape), dtype=np.uint8)
