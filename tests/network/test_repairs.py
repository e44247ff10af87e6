import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.network.keras import build
from cnn.network.plan import plan
from cnn.network.presets import PRESETS
from cnn.network.repairs import repairs
from cnn.network.spec import ConvolutionBlock, Network, NetworkError, Pooling
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
    block = ConvolutionBlock(4, 7, pooling=None)
    network = Network((block,), output="sigmoid")
    assert [(repair.label, repair.network) for repair in repairs(network, (5, 5, 1), 10)] == [
        (f"{label}, and a softmax output", Network(blocks))
        for label, blocks in (
            ("Same padding in block 1", (replace(block, padding="same"),)),
            ("5 x 5 kernel in block 1", (replace(block, kernel=5),)),
            ("Same padding in every block", (replace(block, padding="same"),)),
            ("Remove block 1", ()),
        )
    ]


def test_a_sigmoid_output_that_fits_becomes_softmax() -> None:
    network = Network((ConvolutionBlock(2),), output="sigmoid")
    [repair] = repairs(network, (8, 8, 1), 3)
    assert repair.network == replace(network, output="softmax")
    assert repair.label == "Use a softmax output"


def first_of_each_kind(network, side):
    """By kind of change, told by the label without its numbers: the label offered."""
    found = [repair.label for repair in repairs(network, (side, side, 1), 10)]
    kinds = {re.sub(r"\d+", "#", label): label for label in found}
    assert len(kinds) == len(found)
    return kinds


@given(kernel=st.integers(2, 11), side=st.integers(4, 10))
def test_the_kernel_offered_is_the_largest_that_fits(kernel, side):
    network = Network((ConvolutionBlock(2, kernel, pooling=None),))
    offered = first_of_each_kind(network, side).get("# x # kernel in block #")
    assert offered == (f"{side} x {side} kernel in block 1" if kernel > side else None)


def test_the_kernel_offered_leaves_room_for_the_pooling_after_it():
    network = Network((ConvolutionBlock(2, 8, pooling=Pooling("max", 3, 3)),))
    offered = first_of_each_kind(network, 8)
    assert offered["# x # kernel in block #"] == "6 x 6 kernel in block 1"


def test_a_collapse_that_goes_away_only_without_the_pooling_of_an_earlier_block():
    """Block 2 reads 2 x 2 cells and pools windows of 4 x 4: no setting of its own helps but one."""
    first = ConvolutionBlock(2, 1, pooling=Pooling("max", 4, 4))
    second = ConvolutionBlock(2, 1, pooling=Pooling("max", 4, 4))
    network = Network((first, second))
    found = {one.label: one.network for one in repairs(network, (8, 8, 1), 10)}
    assert found == {
        "No pooling in block 2": Network((first, replace(second, pooling=None))),
        "Remove block 2": Network((first,)),
    }
    # A kernel that no longer fits by itself: now only the first block's pooling is to blame.
    third = ConvolutionBlock(2, 3, dilation=1, pooling=None)
    network = Network((first, third))
    found = {one.label: one.network for one in repairs(network, (8, 8, 1), 10)}
    assert found["No pooling in block 1"] == Network((replace(first, pooling=None), third))
    assert "No pooling in block 2" not in found


def test_the_pooling_nearest_to_the_collapse_is_the_one_to_go():
    pooled = ConvolutionBlock(2, 3, pooling=Pooling("max", 2, 2))
    network = Network((pooled, pooled, replace(pooled, pooling=None)))
    found = {one.label: one.network for one in repairs(network, (14, 14, 1), 10)}
    assert found["No pooling in block 2"].blocks[1] == replace(pooled, pooling=None)
    assert "No pooling in block 1" not in found


def test_a_stride_of_an_earlier_block_is_taken_back():
    strided = ConvolutionBlock(2, 3, stride=3, pooling=None)
    network = Network((strided, ConvolutionBlock(2, 5, pooling=None)))
    found = {one.label: one.network for one in repairs(network, (12, 12, 1), 10)}
    assert found["Stride 1 in block 1"].blocks[0] == replace(strided, stride=1)
    assert "Stride 1 in block 2" not in found


def test_the_blocks_after_a_collapse_go_with_it():
    blocks = (ConvolutionBlock(2, 3), ConvolutionBlock(2, 9), ConvolutionBlock(2, 1))
    last = repairs(Network(blocks), (10, 10, 1), 10)[-1]
    assert (last.label, last.network.blocks) == ("Remove block 2 and those after it", blocks[:1])
