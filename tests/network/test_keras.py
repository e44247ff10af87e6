import random
import threading

import keras
import numpy as np
import pytest
from hypothesis import given, settings

from cnn.network.keras import (
    PointConvolution,
    build,
    flat_weights,
    keras_layer,
    set_flat_weights,
)
from cnn.network.layers import Convolution, Layer
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE, PRESETS
from tests.strategies import SEEDS, plans, random_weights


@given(plans(), SEEDS)
@settings(max_examples=20, deadline=None)
def test_flat_weights_go_in_and_come_out_each_in_its_place(plan, seed):
    model = build(plan, seed=1)
    vector = random_weights(plan, seed)
    set_flat_weights(model, plan, vector)
    np.testing.assert_array_equal(flat_weights(model), vector)
    parts = plan.split(vector)
    for layer in model.layers:
        for variable in layer.weights:
            np.testing.assert_array_equal(variable, parts[f"{layer.name}/{variable.name}"])


def test_the_same_seed_draws_the_same_weights():
    vgg = plan(PRESETS["vgg"].network, (28, 28, 1), 10)
    first, other, again = (flat_weights(build(vgg, seed)) for seed in (1, 2, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_weights_are_those_that_keras_draws_whatever_other_threads_draw():
    """Dask's threads draw from Python's one random state at any time."""
    vgg = plan(PRESETS["vgg"].network, (28, 28, 1), 10)
    keras.utils.set_random_seed(7)
    layers = [keras_layer(layer) for layer in vgg.layers]
    expected = keras.Sequential([keras.Input(vgg.image_shape), *layers])
    over = threading.Event()

    def draw():
        while not over.is_set():
            random.sample(range(100), 10)

    other = threading.Thread(target=draw)
    other.start()
    model = build(vgg, seed=7)
    over.set()
    other.join()
    np.testing.assert_array_equal(flat_weights(model), flat_weights(expected))
    noise = [
        layer.seed_generator.state.numpy() for layer in layers if hasattr(layer, "seed_generator")
    ]
    ours = [
        one.seed_generator.state.numpy() for one in model.layers if hasattr(one, "seed_generator")
    ]
    assert len(noise) == 3
    np.testing.assert_array_equal(ours, noise)


def test_fresh_weights_are_glorot_uniform_with_zero_biases():
    article = plan(ARTICLE, (28, 28, 1), 10)
    parts = article.split(flat_weights(build(article, seed=3)))
    for name, array in parts.items():
        if name.endswith("bias"):
            assert not array.any()
        else:
            reads, makes = array.shape[-2:]
            window = np.prod(array.shape[:-2])
            limit = np.sqrt(6 / (window * (reads + makes)))
            assert 0.7 * limit < np.abs(array).max() <= limit * 1.0001


def test_it_ends_in_probabilities():
    two = plan(PRESETS["one"].network, (12, 12, 3), 4)
    outputs = np.asarray(build(two, seed=1)(np.random.default_rng(1).random((5, 12, 12, 3))))
    assert outputs.shape == (5, 4)
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [2, 3, 4])
@pytest.mark.parametrize("side", [7, 8, 13, 28])
def test_a_point_convolution_is_keras_convolution_number_for_number(side, stride, padding):
    images = np.random.default_rng(side).random((2, side, side, 3), dtype=np.float32)
    ours = PointConvolution(5, 1, stride, padding)
    keras_own = keras.layers.Conv2D(5, 1, stride, padding)
    ours.build(images.shape)
    keras_own.build(images.shape)
    keras_own.set_weights(ours.get_weights())
    assert ours.compute_output_shape(images.shape) == keras_own(images).shape
    np.testing.assert_allclose(ours(images), keras_own(images), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("operation", "is_point"),
    [
        (Convolution(2, 1, stride=2), True),
        (Convolution(2, 1, stride=4, padding="same"), True),
        (Convolution(2, 2, stride=2), False),
        (Convolution(2, 1, dilation=2), False),
    ],
)
def test_every_point_convolution_with_a_stride_avoids_tensorflows_derivative(operation, is_point):
    layer = Layer("layer", operation, (6, 6, 1), operation.output_shape((6, 6, 1)))
    assert isinstance(keras_layer(layer), PointConvolution) == is_point
