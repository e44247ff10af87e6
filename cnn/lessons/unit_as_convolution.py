"""A dense unit is a convolution whose kernel is as large as the maps."""

from dataclasses import replace

import numpy as np

from cnn.arrays import Array
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock


def unit_as_convolution(trained: Plan, weights: Array, unit: int) -> tuple[Plan, Array]:
    """Return a unit (from 1) of the first dense layer as an equal convolution.

    `weights` are the flat weights of `trained`, whose maps are square and which flattens them.
    Returns the layers up to the convolution and their flat weights.
    """
    flatten = trained.layer("flatten")
    last = ConvolutionBlock(
        1, flatten.input_shape[0], activation=Activation("linear"), pooling=None
    )
    network = replace(trained.network, blocks=(*trained.network.blocks, last), dense=())
    whole = plan(network, trained.image_shape, trained.classes)
    arrays = trained.split(weights)
    before = weights[: trained.upto("flatten").parameters]
    kernel, bias = arrays["dense_1/kernel"][:, unit - 1], arrays["dense_1/bias"][unit - 1]
    layers = whole.upto(f"convolution_{len(network.blocks)}")
    return layers, np.concatenate([before, kernel, [bias]])
