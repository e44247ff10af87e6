"""Every kind of layer against Keras: shape, weights, values, source line, in any order."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnn.network.keras import keras_layer
from cnn.network.keras_code import keras_lines
from cnn.network.layers import (
    Activation,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Layer,
    Operation,
    Pooling,
    Softmax,
)
from cnn.network.plan import CollapseError, Step, unroll
from cnn.network.spec import PADDINGS, ConvolutionBlock, DenseLayer, NetworkError
from cnn.ui.components.layer_schema import browser_kind
from tests.strategies import (
    DROPOUT,
    SEEDS,
    activations,
    blocks,
    dense_layers,
    hundredths,
    poolings,
)

pytestmark = pytest.mark.filterwarnings("ignore:You are using a softmax over axis -1")

RECEIPTS = Path(__file__).parents[2] / "static/network/receipt.js"

STEPS = st.tuples(st.integers(1, 4), st.just(1)) | st.tuples(st.just(1), st.integers(2, 4))
"""Strides and dilations: Keras has no convolution with both above 1."""


def convolutions() -> st.SearchStrategy[Convolution]:
    return st.builds(
        lambda filters, kernel, steps, padding: Convolution(
            filters, kernel, steps[0], padding, steps[1]
        ),
        st.integers(1, 4),
        st.integers(1, 4),
        STEPS,
        st.sampled_from(PADDINGS),
    )


IN_BLOCKS = st.just(BatchNormalization()) | activations() | hundredths(DROPOUT).map(Dropout)
ANYWHERE = IN_BLOCKS | st.just(Softmax())
ON_MAPS = convolutions() | poolings(4) | ANYWHERE
TO_VECTOR = st.just(Flatten()) | st.just(GlobalAverage())
ON_VECTORS = st.integers(1, 5).map(Dense) | ANYWHERE


@st.composite
def sequences(draw: st.DrawFn) -> tuple[tuple[int, int, int], tuple[Layer, ...]]:
    """The shape of the input and layers in any order, of any number, that fit it."""
    side, channels = draw(st.integers(4, 12)), draw(st.integers(1, 3))
    operations = [
        *draw(st.lists(ON_MAPS, max_size=5)),
        draw(TO_VECTOR),
        *draw(st.lists(ON_VECTORS, max_size=3)),
    ]
    steps = [Step(f"layer_{number}", one) for number, one in enumerate(operations)]
    try:
        return (side, side, channels), unroll(steps, (side, side, channels))
    except CollapseError:
        assume(False)
        raise


def weights_of(layer: Layer, seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [
        random.uniform(0.3, 1.5, weight.shape).astype(np.float32)
        if weight.name.endswith(("gamma", "variance"))
        else random.normal(0, 0.5, weight.shape).astype(np.float32)
        for weight in layer.weights
    ]


def assert_same(ours: np.ndarray, kerass: object) -> None:
    """Same shape and type, and at most 1e-5 of the largest value (at least 1) apart."""
    expected = np.asarray(kerass)
    assert ours.dtype == np.float32
    assert ours.shape == expected.shape
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-5 * scale)


@given(sequences(), SEEDS)
@settings(max_examples=60, deadline=None)
def test_layers_in_any_order_are_those_of_keras(sequence, seed):
    shape, layers = sequence
    x = np.random.default_rng(seed).normal(size=(2, *shape)).astype(np.float32)
    for layer in layers:
        assert layer.input_shape == x.shape[1:]
        made = keras_layer(layer)
        made.build(x.shape)
        assert layer.output_shape == tuple(made.compute_output_shape(x.shape)[1:])
        trainable = {id(variable) for variable in made.trainable_weights}
        assert [(weight.name, weight.shape, weight.trainable) for weight in layer.weights] == [
            (f"{layer.name}/{variable.name}", tuple(variable.shape), id(variable) in trainable)
            for variable in made.weights
        ]
        weights = weights_of(layer, seed)
        made.set_weights(weights)
        ours = layer.operation.apply(x, weights)
        assert_same(ours, made(x, training=False))
        x = ours


@given(sequences(), SEEDS)
@settings(max_examples=40, deadline=None)
def test_the_source_lines_of_layers_in_any_order_make_the_same_model(sequence, seed):
    shape, layers = sequence
    lines = keras_lines(layer.operation for layer in layers)
    model = keras.Sequential([keras.Input(shape)])
    for line in lines:
        model.add(eval(line, {"layers": keras.layers}))
    model.set_weights([array for layer in layers for array in weights_of(layer, seed)])
    x = np.random.default_rng(seed).normal(size=(2, *shape)).astype(np.float32)
    expected = model(x, training=False)
    for layer in layers:
        x = layer.operation.apply(x, weights_of(layer, seed))
    assert_same(x, expected)


@given(sequences().flatmap(lambda sequence: st.sampled_from(sequence[1])))
@settings(max_examples=60, deadline=None)
def test_what_a_layer_says_of_how_it_reads_is_so(layer):
    """`pointwise`, `training_only` and `sums_inputs`, seen from one number that is changed."""
    random = np.random.default_rng(1)
    x = random.normal(size=(1, *layer.input_shape)).astype(np.float32)
    weights = weights_of(layer, 1)
    before = layer.operation.apply(x, weights)
    if layer.operation.training_only:
        np.testing.assert_array_equal(before, x)
    place = tuple(random.integers(0, size) for size in x.shape)
    other = x.copy()
    other[place] += 1
    changed = before != layer.operation.apply(other, weights)
    if layer.operation.pointwise:
        changed[place] = False
        assert not changed.any()
    if layer.operation.sums_inputs and changed.any():
        assert changed.any(axis=tuple(range(changed.ndim - 1))).all()


@given(st.data(), SEEDS)
@settings(max_examples=40, deadline=None)
def test_a_disconnected_channel_is_not_read(data, seed):
    """Summing layers give what they give for a channel of zeros; others give 0 of a channel of 0."""
    operation = data.draw(convolutions() | ON_VECTORS | st.just(BatchNormalization()))
    channels, cells = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 4))
    shape = (6, 6, channels) if isinstance(operation, Convolution) else (cells * channels,)
    if isinstance(operation, BatchNormalization):
        shape = (6, 6, channels)
    step = Step("layer", operation)
    try:
        [layer] = unroll([step], shape)  # type: ignore[arg-type]
    except CollapseError:
        assume(False)
    weights = weights_of(layer, seed)
    channel = data.draw(st.integers(0, channels - 1))
    x = np.random.default_rng(seed).normal(size=(2, *shape)).astype(np.float32)
    silent = x.copy()
    silent[..., channel::channels] = 0
    whole = [array.copy() for array in weights]
    operation.disconnect(weights, channel, channels)
    if operation.sums_inputs:
        assert_same(operation.apply(x, weights), operation.apply(silent, whole))
    elif operation.weights(shape):
        given_out = operation.apply(silent, weights)
        np.testing.assert_array_equal(given_out[..., channel], 0)


@given(
    operation=convolutions() | poolings(4),
    rows=st.integers(4, 9),
    columns=st.integers(4, 9),
)
@settings(max_examples=60, deadline=None)
def test_rows_and_columns_have_windows_of_their_own(operation, rows, columns):
    shape = (rows, columns, 2)
    layer = Layer("layer", operation, shape, operation.output_shape(shape))
    assume(min(layer.output_shape) > 0)
    made = keras_layer(layer)
    assert layer.output_shape == tuple(made.compute_output_shape((None, *shape))[1:])
    assert layer.window is not None
    assert layer.window.positions(shape) == layer.output_shape[:2]
    assert layer.window.cells == layer.window.rows.size * layer.window.columns.size
    window = layer.window
    for side, length in ((window.rows, rows), (window.columns, columns)):
        read = [cell for at in range(side.positions(length)) for cell in side.cells_read(at)]
        assert min(read) == -side.before
        assert max(read) <= length - 1 + side.after


@given(convolutions() | st.integers(1, 5).map(Dense) | poolings() | IN_BLOCKS)
def test_a_layer_reads_its_own_words_in_a_link(operation):
    first, *settings = operation.url_text.split("-")
    read = type(operation).from_url(first)
    for word in settings:
        assert read is not None
        read = read.with_url_setting(word)
    assert read == operation
    others = kinds() - {type(operation)}
    assert all(kind.from_url(first) is None for kind in others)


@pytest.mark.parametrize(
    ("operation", "other"),
    [
        (Convolution(4, 3), Convolution(5, 3)),
        (Convolution(4, 3), Convolution(4, 2)),
        (Convolution(4, 3), Convolution(4, 3, stride=2)),
        (Convolution(4, 3), Convolution(4, 3, padding="same")),
        (Convolution(4, 3), Convolution(4, 3, dilation=2)),
        (Pooling("max", 2, 2), Pooling("average", 2, 2)),
        (Pooling("max", 2, 2), Pooling("max", 3, 2)),
        (Pooling("max", 2, 2), Pooling("max", 2, 1)),
        (Activation("relu"), Activation("elu")),
        (Activation("leaky_relu", 0.1), Activation("leaky_relu", 0.2)),
        (Dropout(0.1), Dropout(0.25)),
        (Dense(1), Dense(2)),
    ],
)
def test_a_description_a_source_line_and_a_link_tell_every_setting(operation, other):
    for told in ("setting", "url_text", "keras_code"):
        if told != "setting" or operation.title == other.title:
            assert getattr(operation, told) != getattr(other, told)


@given(blocks() | dense_layers())
def test_a_block_is_made_of_its_layers_and_its_layers_of_it(block):
    assert type(block).of(block.operations()) == block


@pytest.mark.parametrize("group", [ConvolutionBlock, DenseLayer])
def test_a_layer_that_no_block_has_is_refused(group):
    with pytest.raises(TypeError, match="Softmax"):
        group.of([Convolution(2, 3), Softmax()] if group is ConvolutionBlock else [Softmax()])


def kinds(base: type[Operation] = Operation) -> set[type[Operation]]:
    found = set(base.__subclasses__())
    return found | {kind for one in found for kind in kinds(one)}


def test_every_kind_of_layer_has_a_receipt_in_the_browser_and_a_name_of_its_own():
    drawn = re.findall(r"^  (\w+): \w+Receipt,$", RECEIPTS.read_text("utf-8"), re.MULTILINE)
    assert set(drawn) == {browser_kind(kind) for kind in kinds() if not kind.training_only}
    assert len({kind.layer_name for kind in kinds()}) == len(kinds())


def test_a_kind_must_say_how_keras_makes_it():
    assert "keras_code" in Operation.__abstractmethods__


def test_a_window_that_does_not_fit_is_named_by_its_layer_where_there_is_no_block():
    steps = [Step("first", Convolution(2, 3)), Step("second", Convolution(2, 3, dilation=3))]
    with pytest.raises(CollapseError, match=r"second needs at least 7 x 7 cells and gets 4 x 4"):
        unroll(steps, (6, 6, 1))
    assert unroll(steps, (9, 9, 1))[-1].output_shape == (1, 1, 2)


def test_an_activation_knows_its_label_by_its_slope():
    assert Activation("leaky_relu", 0.25).label == "Leaky ReLU, slope 0.25"
    assert Activation("gelu").label == "GELU"


def test_keras_has_no_convolution_with_stride_and_dilation():
    with pytest.raises(NetworkError, match="stride 2 and dilation 3"):
        Convolution(2, 3, stride=2, dilation=3)
