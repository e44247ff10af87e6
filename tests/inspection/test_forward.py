"""Whole networks in NumPy against Keras, layer by layer."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings

from cnn.inspection.forward import (
    MOST_AT_ONCE,
    class_probabilities,
    forward,
    portions,
    probabilities,
    scaled,
)
from cnn.network.keras import build, set_flat_weights
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network
from tests.strategies import SEEDS, plans, random_images, random_weights


def keras_model(plan, weights):
    model = build(plan, seed=1)
    set_flat_weights(model, plan, weights)
    return model


@given(plans(), SEEDS)
@settings(max_examples=40, deadline=None)
def test_every_layer_gives_what_keras_gives(plan, seed):
    weights, images = random_weights(plan, seed), random_images(plan, seed)
    ours = forward(plan, weights, images)
    assert list(ours) == ["image", *(layer.name for layer in plan.layers)]
    x = images.astype("float32") / 255
    np.testing.assert_array_equal(ours["image"], x)
    for layer, kerass in zip(plan.layers, keras_model(plan, weights).layers, strict=True):
        x = np.asarray(kerass(x, training=False))
        own = ours[layer.name]
        assert own.dtype == np.float32
        assert own.shape == (len(images), *layer.output_shape)
        scale = max(1.0, float(np.abs(x).max()))
        np.testing.assert_allclose(own, x, rtol=0, atol=1e-5 * scale)


SIGMOID = Network(
    (ConvolutionBlock(3, 3, batch_normalization=True),),
    dense=(DenseLayer(5, Activation("gelu"), dropout=0.5),),
    output="sigmoid",
)


@pytest.mark.parametrize(
    ("network", "shape", "classes"),
    [(ARTICLE, (28, 28, 1), 10), (PRESETS["vgg"].network, (12, 12, 3), 4)],
)
def test_probabilities_are_those_that_keras_predicts(network, shape, classes):
    one = plan(network, shape, classes)
    weights, images = random_weights(one, 5), random_images(one, 5, count=MOST_AT_ONCE + 7)
    expected = keras_model(one, weights).predict(scaled(images), verbose=0)
    np.testing.assert_allclose(probabilities(one, weights, images), expected, rtol=0, atol=1e-5)


def test_a_sigmoid_output_gives_the_probability_of_the_second_class():
    one = plan(SIGMOID, (9, 9, 3), 2)
    weights, images = random_weights(one, 6), random_images(one, 6, count=20)
    expected = keras_model(one, weights).predict(scaled(images), verbose=0)
    ours = probabilities(one, weights, images)
    assert ours.shape == (20, 2)
    np.testing.assert_allclose(ours[:, 1:], expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(ours.sum(axis=1), 1, rtol=1e-6)
    last = forward(one, weights, images)[one.layers[-1].name]
    np.testing.assert_array_equal(class_probabilities(last), ours)


@given(plans(), SEEDS)
@settings(max_examples=40, deadline=None)
def test_weights_that_are_no_numbers_give_no_numbers_and_no_complaint(plan, seed):
    weights = np.full(plan.parameters, np.nan, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outputs = forward(plan, weights, random_images(plan, seed))
        chances = probabilities(plan, weights, random_images(plan, seed))
    assert np.isnan(outputs[plan.layers[-1].name]).all()
    assert np.isnan(chances).all()


@given(plans(), SEEDS)
@settings(max_examples=40, deadline=None)
def test_huge_and_infinite_weights_are_no_complaint(plan, seed):
    random = np.random.default_rng(seed)
    values = np.array([3e38, -3e38, np.inf, -np.inf, np.nan, 0, 1], np.float32)
    weights = random.choice(values, plan.parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outputs = forward(plan, weights, random_images(plan, seed))
    shapes = [array.shape[1:] for array in outputs.values()]
    assert shapes == [plan.image_shape, *(layer.output_shape for layer in plan.layers)]


def test_portions_hold_every_image_once_and_no_more_than_the_memory_allows():
    block = ConvolutionBlock(128, 11, 1, "same", pooling=None)
    largest = plan(Network((block, block)), (64, 64, 3), 10)
    # The windows of one image are 64 x 64 x 11 x 11 x 128 numbers, more than a portion may need.
    assert list(portions(largest.layers, 3)) == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert 1 < len(range(100)[next(portions(largest.layers[:1], 100))]) < 20
    small = plan(Network(), (4, 4, 1), 3)
    cut = [range(450)[here] for here in portions(small.layers, 450)]
    assert [number for part in cut for number in part] == list(range(450))
    assert max(map(len, cut)) == MOST_AT_ONCE
