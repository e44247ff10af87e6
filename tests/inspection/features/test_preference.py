"""What maps and units answer to, against every value that Keras computes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnn.inspection import forward
from cnn.inspection.features.preference import SHOWN, Extremes, preference
from cnn.inspection.keras_values import layer_values
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling
from tests.strategies import SEEDS, plans, random_images, random_weights

Values = NDArray[np.float32]

ONE_BLOCK = plan(
    Network((ConvolutionBlock(3, 3, pooling=Pooling()),), dense=(DenseLayer(4),)), (8, 8, 1), 3
)


def keras_outputs(one: Plan, weights: Values, layer: str, images: NDArray[np.uint8]) -> Values:
    """Keras's values of one layer: (images, rows, columns, channels), or (images, 1, 1, units)."""
    found = np.stack([layer_values(one, weights, image)[layer] for image in images])
    return found if found.ndim == 4 else found[:, None, None]


def check_extremes(found: Extremes, outputs: Values, sign: int) -> None:
    """Each image's most extreme value, in order, and the cell that has it."""
    count, channels = min(SHOWN, len(outputs)), outputs.shape[-1]
    assert found.images.shape == found.rows.shape == found.columns.shape == (channels, count)
    for channel in range(channels):
        extreme = (sign * outputs[..., channel]).max(axis=(1, 2))
        best = np.sort(extreme)[::-1][:count]
        np.testing.assert_allclose(sign * found.values[channel], best, rtol=0, atol=1e-5)
        assert len(set(found.images[channel])) == count
        there = outputs[found.images[channel], found.rows[channel], found.columns[channel], channel]
        np.testing.assert_allclose(sign * there, best, rtol=0, atol=1e-5)


@settings(max_examples=8, deadline=None)
@given(plans(), SEEDS, st.data())
def test_extremes_and_means_are_those_of_all_that_keras_computes(
    one: Plan, seed: int, data: st.DataObject
) -> None:
    layer = data.draw(st.sampled_from(one.layers)).name
    weights, images = random_weights(one, seed), random_images(one, seed, count=15)
    labels = np.random.default_rng(seed).integers(0, one.classes, 15)
    outputs = keras_outputs(one, weights, layer, images)
    found = preference(one, weights, layer, images, labels)
    check_extremes(found.most, outputs, 1)
    check_extremes(found.least, outputs, -1)
    assert found.images == 15 and not found.broken.any()
    for label in range(one.classes):
        mine = outputs[labels == label]
        assert found.class_counts[label] == len(mine)
        if len(mine):
            means = mine.mean(axis=(0, 1, 2), dtype=np.float64)
            np.testing.assert_allclose(found.class_means[label], means, rtol=0, atol=1e-5)


def test_portions_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    weights, images = random_weights(ONE_BLOCK, 1), random_images(ONE_BLOCK, 1, count=20)
    labels = np.arange(20) % 3
    whole = preference(ONE_BLOCK, weights, "activation_1", images, labels)
    monkeypatch.setattr(forward, "NUMBERS_AT_ONCE", 2000)
    parts = preference(ONE_BLOCK, weights, "activation_1", images, labels)
    for one, other in ((whole.most, parts.most), (whole.least, parts.least)):
        np.testing.assert_array_equal(one.images, other.images)
        np.testing.assert_array_equal(one.rows, other.rows)
        np.testing.assert_allclose(one.values, other.values, rtol=0, atol=1e-6)
    np.testing.assert_allclose(whole.class_means, parts.class_means, rtol=0, atol=1e-6)
    np.testing.assert_allclose(whole.zeros, parts.zeros)


def with_filter(kernel: float, bias: float) -> Values:
    """Weights of `ONE_BLOCK` with one number everywhere in the kernel of filter 1."""
    weights = random_weights(ONE_BLOCK, 2)
    arrays = ONE_BLOCK.split(weights)
    arrays["convolution_1/kernel"][..., 1] = kernel
    arrays["convolution_1/bias"][1] = bias
    return weights


IMAGES = random_images(ONE_BLOCK, 5, count=30)
LABELS = np.arange(30) % 3


def test_a_dead_filter_is_dead_after_its_activation_only() -> None:
    weights = with_filter(-1.0, -0.1)
    after = preference(ONE_BLOCK, weights, "activation_1", IMAGES, LABELS)
    before = preference(ONE_BLOCK, weights, "convolution_1", IMAGES, LABELS)
    outputs = keras_outputs(ONE_BLOCK, weights, "activation_1", IMAGES)
    dead = [not outputs[..., channel].any() for channel in range(3)]
    assert [after.is_dead(channel) for channel in range(3)] == dead and dead[1]
    assert after.is_constant(1) and after.zeros[1] == 1 and after.most.tied[1] == 30
    assert not before.is_dead(1) and not before.is_constant(1)


def test_a_constant_map_is_constant_and_not_dead() -> None:
    found = preference(ONE_BLOCK, with_filter(0.0, 0.75), "convolution_1", IMAGES, LABELS)
    assert found.is_constant(1) and not found.is_dead(1)
    assert found.most.tied[1] == found.least.tied[1] == 30
    assert list(found.most.images[1]) == list(range(SHOWN))
    np.testing.assert_allclose(found.class_means[:, 1], 0.75, rtol=1e-6)


def test_a_map_that_is_0_at_most_is_not_dead() -> None:
    images = IMAGES.copy()
    images[3] = 0
    found = preference(ONE_BLOCK, with_filter(-1.0, 0.0), "convolution_1", images, LABELS)
    assert found.most.values[1, 0] == 0 and found.most.images[1, 0] == 3
    assert not found.is_dead(1) and not found.is_constant(1)


def test_equals_at_the_lower_end_are_counted() -> None:
    weights = random_weights(ONE_BLOCK, 3)
    outputs = keras_outputs(ONE_BLOCK, weights, "activation_1", IMAGES)
    found = preference(ONE_BLOCK, weights, "activation_1", IMAGES, LABELS)
    reach = (outputs.min(axis=(1, 2)) == outputs.min(axis=(0, 1, 2))).sum(axis=0)
    np.testing.assert_array_equal(found.least.tied, reach)
    np.testing.assert_allclose(found.zeros, (outputs == 0).mean(axis=(0, 1, 2)))


def test_images_that_share_the_largest_value_are_counted_and_keep_their_order() -> None:
    images = np.zeros_like(IMAGES)
    images[:, 6, 6], images[[4, 9, 20], 1:4, 1:4] = 255, 255
    found = preference(ONE_BLOCK, with_filter(1.0, 0.0), "convolution_1", images, LABELS).most
    assert found.tied[1] == 3 and list(found.images[1, :3]) == [4, 9, 20]
    assert found.values[1, :4].tolist() == [9, 9, 9, 1]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_filter_that_diverged_is_told_apart_from_the_others(bad: float) -> None:
    found = preference(ONE_BLOCK, with_filter(0.0, bad), "convolution_1", IMAGES, LABELS)
    assert list(found.broken) == [0, 30, 0]
    assert np.isfinite(found.most.values[[0, 2]]).all()
    assert np.isfinite(found.class_means[:, [0, 2]]).all()


def test_black_images_tie() -> None:
    black = np.zeros((5, 8, 8, 1), dtype=np.uint8)
    weights = random_weights(ONE_BLOCK, 4)
    found = preference(ONE_BLOCK, weights, "logits", black, np.zeros(5, dtype=np.int64))
    assert (found.most.tied == 5).all() and found.most.images.shape == (3, 5)
    assert list(found.class_counts) == [5, 0, 0] and np.isfinite(found.class_means).all()


def test_no_image_and_no_such_layer_are_errors() -> None:
    weights = random_weights(ONE_BLOCK, 4)
    with pytest.raises(ValueError, match="at least one image"):
        preference(ONE_BLOCK, weights, "logits", IMAGES[:0], LABELS[:0])
    with pytest.raises(KeyError):
        preference(ONE_BLOCK, weights, "convolution_9", IMAGES, LABELS)


def test_activations_of_dense_layers_are_read_too() -> None:
    dense = plan(Network((), dense=(DenseLayer(4, Activation("tanh")),)), (5, 5, 3), 2)
    weights, images = random_weights(dense, 1), random_images(dense, 1, count=14)
    outputs = keras_outputs(dense, weights, "dense_activation_1", images)
    found = preference(dense, weights, "dense_activation_1", images, np.arange(14) % 2)
    check_extremes(found.most, outputs, 1)
    assert not found.most.rows.any() and not found.most.columns.any()
