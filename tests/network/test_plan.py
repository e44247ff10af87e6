"""Shapes, weights, costs and receptive fields: what Keras and the article say of them."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.network.keras import build, keras_layer
from cnn.network.layers import ReceptiveField
from cnn.network.plan import CollapseError, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import (
    DILATION,
    PADDINGS,
    STRIDE,
    Activation,
    ConvolutionBlock,
    Network,
    NetworkError,
)
from tests.strategies import networks, plans, poolings, whole


def test_the_numbers_of_the_article():
    article = plan(ARTICLE, (28, 28, 1), 10)
    rows = [
        (layer.name, layer.output_shape, layer.parameters, layer.multiply_accumulates)
        for layer in article.layers
    ]
    assert rows == [
        ("convolution_1", (26, 26, 4), 40, 24_336),
        ("activation_1", (26, 26, 4), 0, 0),
        ("pooling_1", (13, 13, 4), 0, 0),
        ("convolution_2", (11, 11, 8), 296, 34_848),
        ("activation_2", (11, 11, 8), 0, 0),
        ("pooling_2", (5, 5, 8), 0, 0),
        ("flatten", (200,), 0, 0),
        ("dense_1", (100,), 20_100, 20_000),
        ("dense_activation_1", (100,), 0, 0),
        ("logits", (10,), 1_010, 1_000),
        ("softmax", (10,), 0, 0),
    ]
    assert article.parameters == 21_446
    assert article.multiply_accumulates == 24_336 + 34_848 + 20_000 + 1_000
    fields = [layer.receptive_field for layer in article.layers]
    assert [field.size for field in fields[:6]] == [3, 3, 4, 8, 8, 10]
    assert fields[6:] == [None] * 5


@given(plans())
@settings(max_examples=40, deadline=None)
def test_layers_are_those_that_keras_makes(plan):
    model = build(plan, seed=1)
    assert [layer.name for layer in plan.layers] == [layer.name for layer in model.layers]
    shape = plan.image_shape
    for ours, kerass in zip(plan.layers, model.layers, strict=True):
        assert ours.input_shape == shape
        assert ours.output_shape == kerass.output.shape[1:]
        assert ours.parameters == kerass.count_params()
        assert ours.multiply_accumulates == multiply_accumulates(kerass)
        shape = ours.output_shape
    assert plan.parameters == model.count_params()
    trainable = {id(variable) for variable in model.trainable_weights}
    assert [(weight.name, weight.shape, weight.trainable) for weight in plan.weights] == [
        (f"{layer.name}/{variable.name}", tuple(variable.shape), id(variable) in trainable)
        for layer in model.layers
        for variable in layer.weights
    ]


def multiply_accumulates(layer):
    """Each number of a kernel is used once for each position of its output."""
    if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
        positions = np.prod(layer.output.shape[1:-1], dtype=int)
        return layer.kernel.numpy().size * positions
    if isinstance(layer, keras.layers.BatchNormalization):
        return np.prod(layer.output.shape[1:])
    return 0


def first_block_that_keras_refuses(network, side):
    """The number of the block that Keras cannot make or that leaves an empty map; None if none."""
    x = keras.Input((side, side, 1))
    for number, block in enumerate(network.blocks):
        layers: list[keras.Layer] = [
            keras.layers.Conv2D(
                1, block.kernel, block.stride, block.padding, dilation_rate=block.dilation
            )
        ]
        if block.pooling:
            kind = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
            layers.append(kind[block.pooling.kind](block.pooling.size, block.pooling.stride))
        for layer in layers:
            try:
                x = layer(x)
            except ValueError:
                return number
            if min(x.shape[1:]) < 1:
                return number
    return None


@given(networks(most=2, kernel=5), st.integers(4, 24))
@settings(max_examples=100, deadline=None)
def test_a_network_collapses_exactly_where_keras_refuses_it(network, side):
    try:
        plan(network, (side, side, 1), 2)
        collapsed_at = None
    except CollapseError as collapse:
        collapsed_at = collapse.block
        assert f"block {collapsed_at + 1}" in str(collapse)
    assert collapsed_at == first_block_that_keras_refuses(network, side)


@pytest.mark.parametrize("classes", [3, 10])
def test_a_sigmoid_output_is_for_two_classes(classes):
    network = Network(output="sigmoid")
    with pytest.raises(NetworkError, match=f"these data have {classes}"):
        plan(network, (8, 8, 1), classes)
    assert plan(network, (8, 8, 1), 2).layers[-1].output_shape == (1,)


@pytest.mark.parametrize("numbers", [0, 21_445, 21_447])
def test_a_vector_of_another_length_is_not_split(numbers):
    with pytest.raises(ValueError, match="21446"):
        plan(ARTICLE, (28, 28, 1), 10).split(np.zeros(numbers, np.float32))


@given(plans(), st.data())
def test_the_beginning_of_a_plan_ends_with_the_layer_named(one, data):
    number = data.draw(st.integers(0, len(one.layers) - 1))
    beginning = one.upto(one.layers[number].name)
    assert beginning.layers == one.layers[: number + 1]
    assert beginning.weights == one.weights[: len(beginning.weights)]
    assert beginning.parameters == sum(weight.size for weight in beginning.weights)
    assert beginning.answers == (beginning == one)
    with pytest.raises(KeyError):
        one.upto("nowhere")


def sliding_blocks(dense):
    """Blocks of one filter that only add up or take the largest; `dense`: no cell is stepped over."""
    plain = st.builds(
        ConvolutionBlock,
        filters=st.just(1),
        kernel=whole(STRIDE),
        stride=whole(STRIDE, 3),
        padding=st.sampled_from(PADDINGS),
        activation=st.sampled_from([Activation("linear"), Activation("relu")]),
        pooling=st.none() | poolings(3),
    )
    if dense:
        return plain.filter(
            lambda block: (
                block.stride <= block.kernel
                and (block.pooling is None or block.pooling.stride <= block.pooling.size)
            )
        )
    return plain | st.builds(
        lambda block, dilation: replace(block, stride=1, dilation=dilation), plain, whole(DILATION)
    )


@st.composite
def sliding_plans(draw, dense):
    """Stacks of one to three such blocks on images of up to 12 pixels."""
    side = draw(st.integers(5, 12))
    blocks = tuple(draw(st.lists(sliding_blocks(dense), min_size=1, max_size=3)))
    for kept in range(len(blocks), 0, -1):
        try:
            return plan(Network(blocks[:kept]), (side, side, 1), 2)
        except CollapseError:
            continue
    return plan(Network((ConvolutionBlock(1, 2),)), (side, side, 1), 2)


def pixels_seen(plan):
    """By layer with maps: does unit (i, j) change with pixel (p, q)? Boolean (p, q, i, j), by Keras.

    Each pixel in turn is the only one lit. With positive kernels, no bias and nothing that
    subtracts, a unit is above zero exactly if it can see that pixel.
    """
    side = plan.image_shape[0]
    x = np.eye(side * side, dtype=np.float32).reshape(-1, side, side, 1)
    random = np.random.default_rng(0)
    for layer in plan.layers:
        if layer.receptive_field is None:
            return
        made = keras_layer(layer)
        made.build(x.shape)
        made.set_weights([random.uniform(0.5, 1, w.shape) for w in made.get_weights()])
        if layer.weights:
            made.bias.assign([0])
        x = np.asarray(made(x))
        yield layer, x[..., 0].reshape(side, side, *x.shape[1:3]) > 0


@given(sliding_plans(dense=True))
@settings(max_examples=100, deadline=None)
def test_a_unit_sees_exactly_its_receptive_field(plan):
    side = plan.image_shape[0]
    for layer, seen in pixels_seen(plan):
        units = [layer.receptive_field.span(unit, side) for unit in range(layer.output_shape[0])]
        along = np.array([[a <= pixel < b for a, b in units] for pixel in range(side)])
        expected = along[:, np.newaxis, :, np.newaxis] & along[np.newaxis, :, np.newaxis, :]
        np.testing.assert_array_equal(seen, expected)


@given(sliding_plans(dense=False))
@settings(max_examples=100, deadline=None)
def test_where_cells_are_stepped_over_a_receptive_field_is_as_wide_as_what_is_seen(plan):
    side = plan.image_shape[0]
    for layer, seen in pixels_seen(plan):
        field: ReceptiveField = layer.receptive_field
        for unit in range(layer.output_shape[0]):
            first, end = field.span(unit, side)
            pixels = np.flatnonzero(seen[:, :, unit, :].any(axis=(1, 2)))
            assert pixels.size == 0 or (first <= pixels[0] and pixels[-1] < end)
            inside = 0 <= field.start + unit * field.step <= side - field.size
            if inside and pixels.size:
                assert (pixels[0], pixels[-1]) == (first, end - 1)
