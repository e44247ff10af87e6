"""Saturated, resting and dead units, against every value that Keras computes and its gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings

from cnn.inspection.features.saturation import RANGES, activities, inner_activations
from cnn.inspection.keras_values import layer_values
from cnn.network.keras import build, set_flat_weights
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network
from cnn.operations import derivative
from tests.strategies import SEEDS, plans, random_images, random_weights


@given(plans(), SEEDS)
@settings(max_examples=6, deadline=None)
def test_the_shares_are_those_of_the_values_keras_gives(one: Plan, seed: int) -> None:
    weights, images = random_weights(one, seed), random_images(one, seed)
    values = [layer_values(one, weights, image) for image in images]
    found = activities(one, weights, images)
    names = [layer.name for layer in one.layers]
    assert list(found) == [name for name in names[:-1] if "activation" in name]
    for name, activity in found.items():
        before = names[names.index(name) - 1]
        given, made = (
            np.stack(
                [image[layer].reshape(-1, one.layer(name).output_shape[-1]) for image in values]
            )
            for layer in (before, name)
        )
        assert (activity.images, activity.cells) == made.shape[:2]
        np.testing.assert_allclose(activity.zero, (made == 0).mean((0, 1)))
        np.testing.assert_array_equal(activity.awake, (made != 0).any(1).mean(0))
        np.testing.assert_array_equal(activity.dead, (made == 0).all((0, 1)))
        operation = one.layer(name).operation
        assert isinstance(operation, Activation)
        if operation.name in RANGES:
            low, high = RANGES[operation.name]
            share = (made - low) / (high - low)
            np.testing.assert_allclose(activity.low, (share < 0.05).mean((0, 1)))
            np.testing.assert_allclose(activity.saturated, (abs(share - 0.5) > 0.45).mean((0, 1)))
        else:
            assert not activity.saturated.any()
        steep = derivative(given, operation.name, operation.slope).mean((0, 1))
        np.testing.assert_allclose(activity.slope, steep, atol=1e-5)


def test_a_dead_filter_is_found_and_no_gradient_reaches_it() -> None:
    block = ConvolutionBlock(2, 3, pooling=None)
    one = plan(Network((block,), dense=(DenseLayer(4, Activation("tanh")),)), (8, 8, 1), 3)
    weights, images = random_weights(one, 1), random_images(one, 1, 5)
    arrays = one.split(weights)  # views
    kernel, bias = arrays["convolution_1/kernel"], arrays["convolution_1/bias"]
    bias[1] = -kernel[..., 1].clip(0).sum()  # as much as the brightest image could give
    bias[0] = 5
    found = activities(one, weights, images, ("activation_1",))["activation_1"]
    assert found.dead.tolist() == [False, True]
    assert found.slope[1] == 0
    model = build(one, 0)
    set_flat_weights(model, one, weights)
    with tf.GradientTape() as tape:
        answer = model(images / np.float32(255), training=True)
        loss = keras.losses.sparse_categorical_crossentropy(np.array([0, 1, 2, 0, 1]), answer)
    on_kernel, on_bias = tape.gradient(loss, model.trainable_variables)[:2]
    assert not np.any(on_kernel[..., 1]) and not on_bias[1]
    assert np.all(on_kernel[..., 0]) and on_bias[0]


def test_one_cell_above_0_keeps_a_filter_awake() -> None:
    block = ConvolutionBlock(2, 3, pooling=None)
    one = plan(Network((block,)), (8, 8, 1), 3)
    weights, images = random_weights(one, 1), np.zeros((4, 8, 8, 1), np.uint8)
    arrays = one.split(weights)
    arrays["convolution_1/kernel"][:], arrays["convolution_1/bias"][:] = 1, (-0.5, -2)
    images[0, 0, 0] = images[1, 3, 3] = 255  # one cell and nine cells see it
    found = activities(one, weights, images)["activation_1"]
    assert found.awake.tolist() == [0.5, 0] and found.dead.tolist() == [False, True]
    np.testing.assert_allclose(found.zero, [1 - 10 / (4 * 36), 1])


def test_no_image_no_activity() -> None:
    one = plan(Network((ConvolutionBlock(2, 3),)), (8, 8, 1), 3)
    assert [layer.name for layer in inner_activations(one)] == ["activation_1"]
    with pytest.raises(ValueError, match="at least one image"):
        activities(one, random_weights(one, 0), random_images(one, 0, 0))
