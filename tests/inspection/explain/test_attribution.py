"""Gradients of a logit, or of the difference of two, against differences of the network in float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.inspection.explain.attribution import attribution, explained_layers
from cnn.inspection.explain.target import Target
from cnn.inspection.forward import forward
from cnn.inspection.keras_values import layer_values
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling
from tests.inspection.exact import gradient, score, smoothed
from tests.strategies import SEEDS, plans, random_images, random_weights

STEPS = 5


def close(ours, exact):
    """Equal to the precision of float32, in proportion to the largest value."""
    scale = max(1e-3, float(np.abs(exact).max()))
    np.testing.assert_allclose(ours, exact, rtol=0, atol=2e-4 * scale)


def any_target(plan, seed):
    """One class, or two of them compared."""
    number, other = seed % plan.classes, (seed + 1) % plan.classes
    return Target(number, other if seed // plan.classes % 2 else None)


@given(plans().map(smoothed), SEEDS)
@settings(max_examples=10, deadline=None)
def test_saliency_is_the_derivative_of_the_logit(plan, seed):
    weights, [image] = random_weights(plan, seed), random_images(plan, seed, 1)
    target = any_target(plan, seed)
    found = attribution(plan, weights, image, target, 1, None)
    exact = gradient(plan, weights, image / 255, target)
    assert found.gradient.shape == plan.image_shape
    close(found.gradient, exact)
    close(found.saliency, np.abs(exact).max(axis=2))
    assert found.cam is None


@given(plans().map(smoothed), SEEDS)
@settings(max_examples=10, deadline=None)
def test_integrated_gradients_are_the_mean_gradient_from_black_times_the_pixels(plan, seed):
    weights, [image] = random_weights(plan, seed), random_images(plan, seed, 1)
    target, pixels = any_target(plan, seed), image / 255
    found = attribution(plan, weights, image, target, STEPS, None)
    way = [gradient(plan, weights, pixels * (i + 0.5) / STEPS, target) for i in range(STEPS)]
    close(found.integrated, (pixels * np.mean(way, axis=0)).sum(axis=2))
    ends = score(plan, weights, np.stack([pixels, 0 * pixels]), target)
    np.testing.assert_allclose([found.at_image, found.at_black], ends, rtol=1e-4, atol=1e-4)


@given(plans().map(smoothed), SEEDS, st.integers(0, 4))
@settings(max_examples=12, deadline=None)
def test_grad_cam_weighs_each_map_by_what_its_mean_moves_the_logit(plan, seed, number):
    layers = explained_layers(plan)
    if not layers:
        return
    layer = layers[number % len(layers)]
    weights, [image] = random_weights(plan, seed), random_images(plan, seed, 1)
    target = any_target(plan, seed)
    found = attribution(plan, weights, image, target, 1, layer.name)

    maps = forward(plan, weights, image[None])[layer.name][0].astype(np.float64)
    assert maps.shape == layer.output_shape
    # The mean over the cells of d logit / d cell is what raising a whole map does, a cell's share.
    step = 1e-5
    raised = step * np.eye(maps.shape[2])[:, None, None, :]
    ends = [score(plan, weights, maps + way * raised, target, layer.name) for way in (1, -1)]
    shares = (ends[0] - ends[1]) / (2 * step) / (maps.shape[0] * maps.shape[1])
    close(found.cam, np.maximum((maps * shares).sum(axis=2), 0))


def test_the_gradients_of_the_articles_relu_network_with_max_pooling():
    one = plan(ARTICLE, (28, 28, 1), 10)
    weights = random_weights(one, 3)
    image = np.random.default_rng(3).permutation(784).reshape(28, 28, 1)  # no two pixels are equal
    image = (image % 251).astype(np.uint8)
    found = attribution(one, weights, image, Target(4, 7), 1, None)
    exact = gradient(one, weights, image / 255, Target(4, 7), step=1e-7)
    assert np.abs(exact).max() > 1e-3
    close(found.gradient, exact)


@pytest.mark.parametrize("bridge", ["flatten", "global_average"])
def test_a_linear_network_is_explained_exactly_and_completely(bridge):
    linear = Activation("linear")
    block = ConvolutionBlock(3, 3, 2, "same", True, linear, Pooling("average"))
    one = plan(Network((block,), bridge, (DenseLayer(4, linear),)), (11, 11, 3), 3)
    weights, [image] = random_weights(one, 8), random_images(one, 8, 1)
    found = attribution(one, weights, image, Target(2, 0), 1, None)
    close(found.integrated, (found.gradient * (image / 255)).sum(axis=2))
    assert found.integrated.sum() == pytest.approx(found.at_image - found.at_black, abs=1e-5)


@given(plans().map(smoothed), SEEDS)
@settings(max_examples=8, deadline=None)
def test_the_integrated_gradients_add_up_to_what_the_image_adds_to_the_logit(plan, seed):
    weights, [image] = random_weights(plan, seed), random_images(plan, seed, 1)
    found = attribution(plan, weights, image, any_target(plan, seed), 256, None)
    added = found.at_image - found.at_black
    scale = max(1.0, float(np.abs(found.integrated).sum()))
    assert found.integrated.sum() == pytest.approx(added, abs=1e-3 * scale)


@given(plans(), SEEDS)
@settings(max_examples=6, deadline=None)
def test_the_difference_of_two_logits_is_explained_completely_as_keras_computes_it(plan, seed):
    weights, [image] = random_weights(plan, seed), random_images(plan, seed, 1)
    first, second = seed % plan.classes, (seed + 1) % plan.classes
    both = attribution(plan, weights, image, Target(first, second), 128, None)
    alone = [attribution(plan, weights, image, Target(one), 128, None) for one in (first, second)]
    close(both.gradient, alone[0].gradient - alone[1].gradient)
    close(both.integrated, alone[0].integrated - alone[1].integrated)

    def difference(pixels):
        logits = layer_values(plan, weights, pixels)["logits"]
        if len(logits) == 1:
            logits = -logits[0], logits[0]
        return float(logits[first] - logits[second])

    ends = difference(image), difference(np.zeros_like(image))
    np.testing.assert_allclose([both.at_image, both.at_black], ends, rtol=1e-4, atol=1e-4)
    scale = max(1.0, float(np.abs(both.integrated).sum()))
    assert both.integrated.sum() == pytest.approx(ends[0] - ends[1], abs=0.02 * scale)


def test_the_first_class_of_a_sigmoid_is_explained_by_the_logit_turned_round():
    one = plan(Network((ConvolutionBlock(2, 3),), output="sigmoid"), (8, 8, 1), 2)
    weights, [image] = random_weights(one, 2), random_images(one, 2, 1)
    first, second = (attribution(one, weights, image, Target(k), 8, None) for k in (0, 1))
    np.testing.assert_array_equal(first.gradient, -second.gradient)
    np.testing.assert_allclose(first.integrated, -second.integrated, rtol=1e-6)
    logit = forward(one, weights, image[None])["logits"][0, 0]
    assert second.at_image == pytest.approx(logit, abs=1e-5) == -first.at_image


def test_a_black_image_and_dead_units_give_zeros():
    one = plan(Network((ConvolutionBlock(2, 3),)), (8, 8, 1), 3)
    weights = random_weights(one, 2)
    black = attribution(one, weights, np.zeros((8, 8, 1), np.uint8), Target(0), 8, "activation_1")
    assert not black.integrated.any() and black.at_image == black.at_black
    one.split(weights)["convolution_1/bias"][:] = -100  # ReLU lets nothing through
    dead = attribution(one, weights, random_images(one, 2, 1)[0], Target(0, 1), 8, "activation_1")
    assert not dead.gradient.any() and not dead.integrated.any() and not dead.cam.any()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 3e38])
def test_weights_that_are_no_numbers_give_no_numbers_and_no_complaint(wrong, recwarn):
    one = plan(Network((ConvolutionBlock(2, 3, activation=Activation("tanh")),)), (8, 8, 1), 3)
    weights = np.full(one.parameters, wrong, np.float32)
    found = attribution(one, weights, random_images(one, 2, 1)[0], Target(0, 1), 8, "activation_1")
    assert not np.isfinite(found.at_image) or not np.isfinite(found.integrated).all()
    assert not [warning for warning in recwarn if warning.category is RuntimeWarning]


@given(st.integers(1, 4), st.integers(1, 4), st.sampled_from(["same", "valid"]), SEEDS)
@settings(max_examples=10, deadline=None)
def test_kernels_smaller_than_their_stride_are_gone_back_through(kernel, stride, padding, seed):
    block = ConvolutionBlock(2, kernel, stride, padding, activation=Activation("tanh"))
    one = plan(Network((block,)), (14, 14, 3), 3)
    weights, [image] = random_weights(one, seed), random_images(one, seed, 1)
    found = attribution(one, weights, image, Target(1), 2, "activation_1")
    close(found.gradient, gradient(one, weights, image / 255, Target(1)))
