"""One step of gradient descent, held against finite differences and against Keras's own optimizer."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from numpy.typing import NDArray

from cnn.inspection.forward import apply, scaled
from cnn.lessons.gradient_step import LEARNING_RATES, filter_weights, gradient_step, stepped
from cnn.network.keras import build, flat_weights, set_flat_weights
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import ConvolutionBlock, Network
from tests.strategies import SEEDS, plans, random_images, random_weights

SMALL = plan(Network((ConvolutionBlock(3), ConvolutionBlock(4, 2))), (9, 9, 1), 3)
BATCH = 5

Labels = NDArray[np.int64]


def labels(one: Plan, seed: int) -> Labels:
    return np.random.default_rng(seed).integers(0, one.classes, BATCH)


def exact_loss(
    one: Plan, weights: NDArray[np.float64], images: NDArray[np.uint8], truth: Labels
) -> float:
    """Mean cross-entropy in float64, so that finite differences are derivatives to many digits."""
    x, arrays = scaled(images).astype(np.float64), one.split(weights)
    for layer in one.layers[:-1]:
        x = apply(layer, x, arrays)
    assert x.dtype == np.float64
    return float(np.mean(np.log(np.exp(x).sum(axis=1)) - x[np.arange(len(x)), truth]))


@pytest.mark.parametrize("one", [SMALL, plan(ARTICLE, (28, 28, 1), 10)], ids=["small", "article"])
def test_the_gradient_is_how_the_loss_changes_with_each_weight(one: Plan) -> None:
    weights, images, truth = random_weights(one, 1), random_images(one, 2, BATCH), labels(one, 3)
    kernel = filter_weights(one, "convolution_1", 1)
    found = gradient_step(one, weights, images, truth, kernel)
    exact = weights.astype(np.float64)
    assert found.loss == pytest.approx(exact_loss(one, exact, images, truth), abs=1e-5)
    others = np.random.default_rng(4).choice(one.parameters, 20, replace=False)
    for place in [*np.flatnonzero(kernel), *others]:
        move = np.zeros(one.parameters)
        move[place] = 1e-6
        up, down = (exact_loss(one, exact + sign * move, images, truth) for sign in (1, -1))
        assert found.gradient[place] == pytest.approx((up - down) / 2e-6, abs=1e-5), place


@settings(max_examples=4, deadline=None)
@given(plans().filter(lambda one: all(weight.trainable for weight in one.weights)), SEEDS)
def test_a_step_is_that_of_keras(one: Plan, seed: int) -> None:
    weights, images = random_weights(one, seed), random_images(one, seed, BATCH)
    truth, rate = labels(one, seed), LEARNING_RATES[3]
    found = gradient_step(one, weights, images, truth, np.zeros(one.parameters, bool))
    np.testing.assert_allclose(found.losses_filter_only, found.loss, rtol=1e-6)
    model, optimizer = build(one, 0), keras.optimizers.SGD(rate)
    set_flat_weights(model, one, weights)

    def loss() -> tf.Tensor:
        said = model(scaled(images), training=False)
        if said.shape[1] == 1:
            return keras.losses.BinaryCrossentropy()(truth[:, None], said)
        return keras.losses.CategoricalCrossentropy()(keras.ops.one_hot(truth, one.classes), said)

    with tf.GradientTape() as tape:
        before = loss()
    optimizer.apply(tape.gradient(before, model.trainable_variables), model.trainable_variables)
    moved = stepped(weights, found.gradient, rate)
    np.testing.assert_allclose(moved, flat_weights(model), rtol=1e-4, atol=1e-5)
    assert found.loss == pytest.approx(float(before), rel=1e-4)
    assert found.losses[3] == pytest.approx(float(loss()), rel=1e-3, abs=1e-5)


def test_filter_only_moves_one_filter_and_its_bias() -> None:
    weights, images, truth = (
        random_weights(SMALL, 1),
        random_images(SMALL, 1, BATCH),
        labels(SMALL, 1),
    )
    kernel = filter_weights(SMALL, "convolution_2", 3)
    assert kernel.sum() == 2 * 2 * 3 + 1
    found = gradient_step(SMALL, weights, images, truth, kernel)
    moved = stepped(weights, np.where(kernel, found.gradient, np.float32(0)), LEARNING_RATES[-1])
    assert (
        np.flatnonzero(moved != weights) == np.flatnonzero(kernel & (found.gradient != 0))
    ).all()
    expected = exact_loss(SMALL, moved.astype(np.float64), images, truth)
    assert found.losses_filter_only[-1] == pytest.approx(expected, rel=1e-4)
    with pytest.raises(KeyError):
        filter_weights(SMALL, "convolution_3", 0)
