"""Every operation against Keras, to 1e-5."""

import warnings

import keras
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnn import operations
from cnn.network.layers.activation import ACTIVATIONS
from cnn.network.spec import PADDINGS
from tests.strategies import SEEDS

quick = settings(max_examples=60, deadline=None)
STEPS = st.tuples(st.integers(1, 5), st.just(1)) | st.tuples(st.just(1), st.integers(2, 4))
"""Strides and dilations: Keras has no convolution with both."""
EXTREMES = np.array([[-1e4, -100, -10, -1e-3, -0.0, 0.0, 1e-3, 10, 100, 1e4]], np.float32)


def assert_same(ours, kerass):
    """Same shape, same kind of number, and at most 1e-5 of the largest value (at least 1) apart."""
    expected = keras.ops.convert_to_numpy(kerass)
    assert ours.dtype == np.float32
    assert ours.shape == expected.shape
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-5 * scale)


def drawn(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@given(
    size=st.integers(1, 14),
    window=st.integers(1, 7),
    steps=STEPS,
    padding=st.sampled_from(PADDINGS),
)
@quick
def test_output_size_and_padding_are_those_of_a_keras_convolution(size, window, steps, padding):
    stride, dilation = steps
    span = operations.span(window, dilation)
    ours = operations.output_size(size, span, stride, padding)
    # One filter for each cell of the window, which lets that cell through: which ones read zeros?
    filters = np.eye(window, dtype=np.float32)[:, np.newaxis, :]
    line = np.ones((1, size, 1), np.float32)
    layer = keras.layers.Conv1D(window, window, stride, padding, dilation_rate=dilation)
    if padding == "valid" and size < span:
        with pytest.raises(ValueError):
            layer(keras.KerasTensor(line.shape))
        assert ours < 1
        return
    layer.build(line.shape)
    layer.kernel.assign(filters)
    reads = np.asarray(layer(line))[0]
    assert ours == len(reads)
    before, after = operations.padding_cells(size, span, stride, padding)
    cells = np.arange(ours)[:, None] * stride + np.arange(window) * dilation - before
    np.testing.assert_array_equal(reads, (cells >= 0) & (cells < size))
    assert after == max(cells.max() + 1 - size, 0)
    assert padding == "same" or before == 0


@given(
    seed=SEEDS,
    size=st.tuples(st.integers(6, 11), st.integers(6, 11)),
    channels=st.integers(1, 4),
    filters=st.integers(1, 4),
    kernel=st.integers(1, 6),
    steps=STEPS,
    padding=st.sampled_from(PADDINGS),
)
@quick
def test_convolution(seed, size, channels, filters, kernel, steps, padding):
    stride, dilation = steps
    assume(padding == "same" or operations.span(kernel, dilation) <= min(size))
    x = drawn(seed, 2, *size, channels)
    weights = drawn(seed + 1, kernel, kernel, channels, filters), drawn(seed + 2, filters)
    layer = keras.layers.Conv2D(filters, kernel, stride, padding, dilation_rate=dilation)
    layer.build(x.shape)
    layer.set_weights(weights)
    assert_same(operations.convolution(x, *weights, stride, padding, dilation), layer(x))


@given(
    seed=SEEDS,
    size=st.tuples(st.integers(5, 11), st.integers(5, 11)),
    channels=st.integers(1, 3),
    window=st.integers(1, 5),
    stride=st.integers(1, 6),
)
@quick
def test_pooling(seed, size, channels, window, stride):
    x = drawn(seed, 2, *size, channels)
    largest = keras.layers.MaxPooling2D(window, stride)(x)
    mean = keras.layers.AveragePooling2D(window, stride)(x)
    assert_same(operations.max_pooling(x, window, stride), largest)
    assert_same(operations.average_pooling(x, window, stride), mean)


@given(
    value=st.floats(-1e6, 1e6, width=32),
    window=st.integers(1, 8),
    stride=st.integers(1, 8),
)
@quick
def test_pooling_leaves_a_constant_map_as_it_is(value, window, stride):
    x = np.full((1, 8, 8, 2), value, np.float32)
    assert (operations.max_pooling(x, window, stride) == np.float32(value)).all()
    mean = operations.average_pooling(x, window, stride)
    np.testing.assert_allclose(mean, np.float32(value), rtol=1e-5)


@given(seed=SEEDS, shape=st.tuples(*[st.integers(2, 6)] * 4), units=st.integers(1, 5))
@quick
def test_layers_from_maps_to_classes(seed, shape, units):
    x = drawn(seed, *shape)
    assert_same(operations.global_average(x), keras.layers.GlobalAveragePooling2D()(x))
    row = operations.flatten(x)
    assert_same(row, keras.layers.Flatten()(x))
    layer = keras.layers.Dense(units)
    layer.build(row.shape)
    weights = drawn(seed + 1, row.shape[1], units), drawn(seed + 2, units)
    layer.set_weights(weights)
    assert_same(operations.dense(row, *weights), layer(row))
    assert_same(operations.softmax(row), keras.layers.Softmax()(row))


@given(seed=SEEDS, shape=st.tuples(*[st.integers(1, 5)] * 4))
@quick
def test_batch_normalization_by_the_averages(seed, shape):
    x = drawn(seed, *shape)
    gamma, beta, mean = (drawn(seed + number, shape[3]) for number in (1, 2, 3))
    variance = drawn(seed + 4, shape[3]) ** 2
    layer = keras.layers.BatchNormalization()
    layer.build(x.shape)
    layer.set_weights([gamma, beta, mean, variance])
    ours = operations.batch_normalization(x, gamma, beta, mean, variance)
    assert_same(ours, layer(x, training=False))


def keras_activation(name, slope):
    if name == "leaky_relu":
        return keras.layers.LeakyReLU(negative_slope=slope)
    return keras.activations.get(name)


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(seed=SEEDS, spread=st.sampled_from((0.01, 1, 10)), slope=st.floats(0, 1))
@settings(max_examples=15, deadline=None)
def test_activation(name, seed, spread, slope):
    x = spread * drawn(seed, 2, 3, 4, 5)
    assert_same(operations.activation(x, name, slope), keras_activation(name, slope)(x))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_far_from_zero(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = operations.activation(EXTREMES, name, 0.3)
    assert_same(ours, keras_activation(name, 0.3)(EXTREMES))


def test_softmax_far_from_zero():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = operations.softmax(np.concatenate([EXTREMES, -EXTREMES, 0 * EXTREMES]))
    np.testing.assert_allclose(ours.sum(axis=1), 1, rtol=1e-6)
    assert ours[0].argmax() == EXTREMES.argmax()
    assert_same(ours[:1], keras.ops.softmax(EXTREMES))


@given(seed=SEEDS, classes=st.integers(2, 10), spread=st.sampled_from((0.1, 3, 30, 300)))
@quick
def test_cross_entropy(seed, classes, spread):
    logits = spread * drawn(seed, 5, classes)
    true = np.random.default_rng(seed).integers(0, classes, 5)
    one_hot = keras.ops.one_hot(true, classes)
    kerass = keras.losses.categorical_crossentropy(one_hot, keras.ops.softmax(logits))
    assert_same(operations.cross_entropy(logits, true), kerass)


@given(seed=SEEDS, spread=st.sampled_from((0.1, 3, 30)))
@quick
def test_softmax_of_two_is_the_sigmoid_of_their_difference(seed, spread):
    pairs = spread * drawn(seed, 20, 2)
    first = operations.sigmoid(pairs[:, 0] - pairs[:, 1])
    np.testing.assert_allclose(operations.softmax(pairs)[:, 0], first, rtol=1e-5, atol=1e-30)
