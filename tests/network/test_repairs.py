import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.network.keras import build
from cnn.network.plan import plan
from cnn.network.presets import PRESETS
from cnn.network.repairs import repairs
from cnn.network.spec import ConvolutionBlock, Network, NetworkError
from tests.strategies import networks


@given(
    network=networks(most=2, kernel=8),
    side=st.integers(4, 14),
    classes=st.sampled_from((2, 2, 2, 5)),
)
@settings(max_examples=25, deadline=None)
def test_a_network_has_repairs_exactly_if_it_needs_one_and_keras_can_build_each(
    network, side, classes
):
    shape = (side, side, 1)
    found = repairs(network, shape, classes)
    try:
        plan(network, shape, classes)
    except NetworkError:
        assert found
    else:
        assert not found
    assert len({repair.label for repair in found}) == len(found)
    for repair in found:
        model = build(plan(repair.network, shape, classes), seed=1)
        assert all(size > 0 for layer in model.layers for size in layer.output.shape[1:])


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_needs_no_repair(name):
    assert repairs(PRESETS[name].network, (28, 28, 1), 10) == []


def test_the_least_change_comes_first():
    network = Network((ConvolutionBlock(4, 3), ConvolutionBlock(8, 5), ConvolutionBlock(8, 5)))
    found = repairs(network, (28, 28, 1), 10)
    assert found[0].label == "Same padding in block 3"
    assert found[0].network.blocks[:2] == network.blocks[:2]
    assert found[-1].label == "Remove block 3"
    assert found[-1].network.blocks == network.blocks[:2]


def test_a_dilated_kernel_that_spans_too_much_is_drawn_together():
    network = Network((ConvolutionBlock(4, 5, dilation=4),))
    assert "Dilation 3 in block 1" in [one.label for one in repairs(network, (16, 16, 1), 10)]
    with pytest.raises(NetworkError, match=r"convolution with dilation 4 of block 1 .* 17 x 17"):
        plan(network, (16, 16, 1), 10)


def test_a_sigmoid_output_that_also_collapses_is_repaired_in_both():
    network = Network((ConvolutionBlock(4, 7, pooling=None),), output="sigmoid")
    found = repairs(network, (5, 5, 1), 10)
    assert found
    for repair in found:
        plan(repair.network, (5, 5, 1), 10)
