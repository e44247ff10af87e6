"""Changes made by hand, against Keras with the maps themselves set to zero."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnn.inspection.edits import Edits, KernelEdit, edited
from cnn.inspection.forward import forward, scaled
from cnn.network.keras import build, set_flat_weights
from cnn.network.layers import Convolution, Flatten, GlobalAverage
from cnn.network.layers.activation import ACTIVATIONS
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, Network
from tests.strategies import SEEDS, plans, random_images, random_weights


def convolutions(plan: Plan) -> list[tuple[str, int]]:
    """The convolutions with their numbers of filters."""
    return [
        (layer.name, layer.operation.filters)
        for layer in plan.layers
        if isinstance(layer.operation, Convolution)
    ]


def silenced(plan: Plan, weights: np.ndarray, images: np.ndarray, off: set) -> np.ndarray:
    """Keras's answers when the maps of some filters are zero as the next layer reads them."""
    model = build(plan, seed=1)
    set_flat_weights(model, plan, weights)
    x = scaled(images)
    convolution = None
    for layer, kerass in zip(plan.layers, model.layers, strict=True):
        if isinstance(layer.operation, Convolution | Flatten | GlobalAverage):
            x = np.array(x)
            for name, filter in off:
                if name == convolution:
                    x[..., filter] = 0
            convolution = layer.name
        x = kerass(x, training=False)
    return np.asarray(x)


@given(plans(), SEEDS, st.data())
@settings(max_examples=15, deadline=None)
def test_filters_that_are_off_are_read_as_zero_by_keras(plan, seed, data):
    places = [(name, filter) for name, filters in convolutions(plan) for filter in range(filters)]
    assume(places)
    off = data.draw(st.sets(st.sampled_from(places), min_size=1))
    edits = Edits()
    for name, filter in off:
        edits = edits.switched(name, filter, off=True)
    weights, images = random_weights(plan, seed), random_images(plan, seed)
    ours = forward(plan, edited(plan, weights, edits), images)[plan.layers[-1].name]
    expected = silenced(plan, weights, images, off)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("normalized", [True, False])
def test_a_filter_that_is_off_computes_nothing_but_the_activation_of_zero(name, normalized):
    block = ConvolutionBlock(
        3, 3, batch_normalization=normalized, activation=Activation(name), pooling=None
    )
    one = plan(Network((block,)), (6, 6, 1), 3)
    weights = edited(one, random_weights(one, 3), Edits().switched("convolution_1", 1, off=True))
    outputs = forward(one, weights, random_images(one, 3))
    last = outputs["activation_1"] if name != "linear" else outputs["convolution_1"]
    np.testing.assert_array_equal(last[..., 1], 0.5 if name == "sigmoid" else 0.0)


@given(plans(), SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_kernel_typed_over_has_the_numbers_and_nothing_else_changes(plan, seed):
    assume(convolutions(plan))
    name, filters = convolutions(plan)[-1]
    weights = random_weights(plan, seed)
    size, _, channels, _ = plan.split(weights)[f"{name}/kernel"].shape
    typed = np.random.default_rng(seed).normal(size=(size, size))
    edit = KernelEdit(name, filters - 1, channels - 1, tuple(typed.ravel().tolist()))
    before = weights.copy()
    after = plan.split(edited(plan, weights, Edits().with_kernel(edit)))
    np.testing.assert_array_equal(weights, before)
    for key, array in plan.split(weights).items():
        expected = array.copy()
        if key == f"{name}/kernel":
            expected[:, :, -1, -1] = typed
        np.testing.assert_array_equal(after[key], expected)


def test_without_edits_the_weights_are_the_same_array():
    one = plan(Network((ConvolutionBlock(2),)), (6, 6, 1), 3)
    weights = random_weights(one, 1)
    assert edited(one, weights, Edits()) is weights
    assert not Edits()


def test_every_change_can_be_taken_back():
    edit = KernelEdit("convolution_1", 0, 1, (1.0, 2.0, 3.0, 4.0))
    again = KernelEdit("convolution_1", 0, 1, (5.0, 6.0, 7.0, 8.0))
    edits = Edits().with_kernel(edit).with_kernel(again).switched("convolution_1", 2, off=True)
    assert edits.kernel("convolution_1", 0, 1) == again
    assert edits.kernel("convolution_1", 0, 0) is None
    assert edits.switched("convolution_1", 2, off=True) == edits
    back = edits.without_kernel("convolution_1", 0, 1).switched("convolution_1", 2, off=False)
    assert back == Edits()


@given(st.permutations([(layer, filter) for layer in ("a", "b") for filter in range(3)]))
def test_the_same_changes_in_another_order_are_equal(places):
    edits = expected = Edits()
    for layer, filter in places:
        edits = edits.switched(layer, filter, off=True)
        edits = edits.with_kernel(KernelEdit(layer, filter, 0, (1.0,)))
    for layer, filter in sorted(places):
        expected = expected.with_kernel(KernelEdit(layer, filter, 0, (1.0,)))
        expected = expected.switched(layer, filter, off=True)
    assert edits == expected and hash(edits) == hash(expected)


@pytest.mark.parametrize(
    "edits",
    [
        Edits(off=(("convolution_2", 0),)),
        Edits(off=(("convolution_1", 2),)),
        Edits((KernelEdit("convolution_1", 0, 1, (0.0,) * 9),)),
        Edits((KernelEdit("convolution_1", 0, 0, (0.0,) * 4),)),
        Edits((KernelEdit("dense_9", 0, 0, (0.0,) * 9),)),
    ],
)
def test_edits_of_another_network_are_refused(edits):
    one = plan(Network((ConvolutionBlock(2),)), (6, 6, 1), 3)
    with pytest.raises((KeyError, IndexError, ValueError)):
        edited(one, random_weights(one, 1), edits)
