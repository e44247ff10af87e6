"""Gradient ascent: the value grows, is what the network computes, and finds the known optimum."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnn.inspection.features.maximization import STEP, STEPS, aim, gray, maximize
from cnn.inspection.forward import apply, scaled
from cnn.inspection.units import Unit
from cnn.network.layers import Convolution, Dense
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling
from tests.strategies import SEEDS, plans, random_images, random_weights

Values = NDArray[np.float32]

LINEAR = plan(
    Network((ConvolutionBlock(2, 3, 1, "valid", activation=Activation("linear"), pooling=None),)),
    (7, 7, 3),
    2,
)


def value(one: Plan, weights: Values, unit: Unit, pixels: Values) -> float:
    """What the NumPy forward pass computes for a unit."""
    x, arrays = pixels[None], one.split(weights)
    for layer in one.layers:
        x = apply(layer, x, arrays)
        if layer.name == unit.layer:
            return float(x[0][unit.place])
    raise AssertionError(unit)


@settings(max_examples=8, deadline=None)
@given(plans(), SEEDS, st.data())
def test_the_value_grows_and_is_that_of_the_network(
    one: Plan, seed: int, data: st.DataObject
) -> None:
    layer = data.draw(st.sampled_from([one for one in one.layers if one.name != "flatten"]))
    channel = data.draw(st.integers(0, layer.output_shape[-1] - 1))
    unit, weights = aim(one, layer.name, channel), random_weights(one, seed)
    found = maximize(one, weights, unit, gray(one.image_shape))
    assert found.values[0] == pytest.approx(value(one, weights, unit, found.start), abs=1e-5)
    assert found.values.max() == pytest.approx(value(one, weights, unit, found.result), abs=1e-5)
    assert found.result.min() >= 0 and found.result.max() <= 1
    assert found.best == found.values.argmax()
    if found.end == "flat" and len(found.values) == 1:
        np.testing.assert_array_equal(found.result, found.start)
    else:
        assert len(found.values) == STEPS + 1 or found.end in ("corner", "flat")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_linear_unit_is_brought_to_its_known_optimum(seed: int) -> None:
    random = np.random.default_rng(seed)
    weights = random.uniform(0.3, 1, LINEAR.parameters) * random.choice((-1, 1), LINEAR.parameters)
    weights = weights.astype(np.float32)
    unit = aim(LINEAR, "convolution_1", 1)
    assert unit == Unit("convolution_1", 1, 2, 2)
    found = maximize(LINEAR, weights, unit, gray(LINEAR.image_shape))
    kernel = LINEAR.split(weights)["convolution_1/kernel"][..., 1]
    bias = LINEAR.split(weights)["convolution_1/bias"][1]
    np.testing.assert_array_equal(found.result[2:5, 2:5], (kernel > 0).astype(np.float32))
    assert found.end == "corner"
    assert found.values[-1] == pytest.approx(kernel[kernel > 0].sum() + bias, abs=1e-5)
    assert all(later > earlier for earlier, later in pairwise(found.values))
    outside = np.ones((7, 7), dtype=bool)
    outside[2:5, 2:5] = False
    np.testing.assert_array_equal(found.result[outside], found.start[outside])


@pytest.mark.parametrize("layer", ["convolution_2", "pooling_2", "dense_1", "softmax"])
def test_the_article_s_network_is_climbed_from_gray_and_from_an_image(layer: str) -> None:
    one = plan(ARTICLE, (28, 28, 1), 10)
    weights, unit = random_weights(one, 6), aim(one, layer, 3)
    image = scaled(random_images(one, 6, count=1))[0]
    for start in (gray(one.image_shape), image):
        found = maximize(one, weights, unit, start)
        assert found.values[found.best] > found.values[0] + 0.5
        np.testing.assert_array_equal(found.start, start)


def test_a_step_moves_the_pixels_that_matter_by_the_told_size() -> None:
    one = plan(Network(()), (5, 5, 1), 3)
    weights = random_weights(one, 4)
    unit = aim(one, "softmax", 2)
    assert unit == Unit("logits", 2)
    start = np.full((5, 5, 1), 0.5, np.float32)
    found = maximize(one, weights, unit, start)
    kernel = one.split(weights)["logits/kernel"][:, 2].reshape(5, 5, 1)
    moved = start + STEP * kernel / np.abs(kernel).mean()
    bias = one.split(weights)["logits/bias"][2]
    assert found.values[1] == pytest.approx((moved * kernel).sum() + bias, abs=1e-5)


def test_a_filter_of_zeros_goes_nowhere() -> None:
    weights = np.zeros(LINEAR.parameters, np.float32)
    found = maximize(LINEAR, weights, aim(LINEAR, "convolution_1", 0), gray(LINEAR.image_shape))
    assert (found.end, found.best, list(found.values)) == ("flat", 0, [0.0])
    np.testing.assert_array_equal(found.result, found.start)


def test_weights_that_diverged_end_the_climb_at_once() -> None:
    weights = np.full(LINEAR.parameters, np.nan, np.float32)
    found = maximize(LINEAR, weights, aim(LINEAR, "logits", 1), gray(LINEAR.image_shape))
    assert (found.end, found.best, len(found.values)) == ("broken", 0, 1)


def test_the_same_plan_with_other_weights_is_climbed_anew() -> None:
    unit, start = aim(LINEAR, "logits", 0), np.zeros(LINEAR.image_shape, np.float32)
    for seed in (1, 2, 1):
        weights = random_weights(LINEAR, seed)
        found = maximize(LINEAR, weights, unit, start)
        assert found.values[0] == pytest.approx(value(LINEAR, weights, unit, start), abs=1e-5)


def test_what_is_climbed_lies_before_activations_and_pooling() -> None:
    block = ConvolutionBlock(4, 3, batch_normalization=True, pooling=Pooling(), dropout=0.5)
    network = Network((block,), "global_average", (DenseLayer(5, dropout=0.5),))
    one = plan(network, (12, 12, 1), 3)
    for name in ("batch_normalization_1", "activation_1", "pooling_1", "dropout_1"):
        assert aim(one, name, 3) == Unit("batch_normalization_1", 3, 5, 5)
    assert aim(one, "convolution_1", 3) == Unit("convolution_1", 3, 5, 5)
    assert aim(one, "global_average", 3) == Unit("global_average", 3)
    for name in ("dense_1", "dense_activation_1", "dense_dropout_1"):
        assert aim(one, name, 4) == Unit("dense_1", 4)
    sigmoid = plan(Network(output="sigmoid"), (28, 28, 1), 2)
    assert aim(sigmoid, "sigmoid", 0) == Unit("logits", 0)


@given(plans())
def test_every_layer_leads_to_one_with_a_slope(one: Plan) -> None:
    for layer in one.layers:
        if layer.name in ("flatten",):
            continue
        found = one.layer(aim(one, layer.name, 0).layer)
        assert found.receptive_field or len(found.output_shape) == 1
        assert isinstance(found.operation, Convolution | Dense) or found.name.startswith(
            ("batch_normalization", "global_average")
        )


def test_the_gray_start_is_the_same_each_time_and_nearly_gray() -> None:
    start = gray((9, 9, 3))
    np.testing.assert_array_equal(start, gray((9, 9, 3)))
    assert start.dtype == np.float32 and len(np.unique(start)) > 200
    assert 0.45 <= start.min() < start.max() <= 0.55


def test_a_climb_into_infinity_gives_the_input_before_it() -> None:
    weights = np.zeros(LINEAR.parameters, np.float32)
    # 27 pixels times 0.5 and 0.52 are below the largest number, times 0.54 above it.
    LINEAR.split(weights)["convolution_1/kernel"][..., 1] = 2.376e37
    start = np.full(LINEAR.image_shape, 0.5, np.float32)
    found = maximize(LINEAR, weights, aim(LINEAR, "convolution_1", 1), start)
    assert (found.end, found.best) == ("broken", 1)
    assert np.isfinite(found.values).tolist() == [True, True, False]
    np.testing.assert_allclose(found.result[2:5, 2:5], 0.5 + STEP, rtol=1e-6)
