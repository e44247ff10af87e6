"""What a shift changes with max and with average pooling, against Keras and against small sums."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from cnn.inspection.image.distortion import Distortion, distorted
from cnn.inspection.keras_values import layer_values
from cnn.inspection.pooling_swap import changes, with_pooling
from cnn.network.plan import plan
from cnn.network.spec import ConvolutionBlock, Network, Pooling
from tests.strategies import SEEDS, plans, random_images, random_weights


@given(plans(), SEEDS)
@settings(max_examples=10, deadline=None)
def test_both_rows_are_what_keras_computes(one, seed):
    weights, [image] = random_weights(one, seed), random_images(one, seed, 1)
    images = np.stack([image, distorted(image, Distortion(shift_right=1))])
    poolings = [block.pooling for block in one.network.blocks if block.pooling]
    found = changes(one, weights, images)
    if not poolings:
        assert found == ()
        return
    kinds = {pooling.kind for pooling in poolings}
    swapped = with_pooling(one, "max" if kinds == {"average"} else "average")
    last = [layer.name for layer in one.layers if layer.name.startswith("pooling")][-1]
    for network, change in zip((one, swapped), found, strict=True):
        before, after = (layer_values(network, weights, each) for each in images)
        answers = np.stack([before[network.network.output], after[network.network.output]])
        if answers.shape[1] == 1:
            answers = np.concatenate([1 - answers, answers], axis=1)
        np.testing.assert_allclose(change.probabilities, answers, atol=1e-4)
        size = np.abs(before[last]).mean()
        if size > 1e-3:
            share = np.abs(after[last] - before[last]).mean() / size
            assert change.maps == pytest.approx(share, abs=1e-3)
    assert set(found[0].kinds) == kinds


def test_max_pooling_does_not_see_what_average_pooling_does():
    one = plan(Network((ConvolutionBlock(1, 1, pooling=Pooling("max", 2)),)), (4, 4, 1), 2)
    weights = np.zeros(one.parameters, np.float32)
    one.split(weights)["convolution_1/kernel"][:] = 1
    image = np.zeros((4, 4, 1), np.uint8)
    image[0, :2] = 255  # both cells of a window
    moved = image.copy()
    moved[0, 0] = 0
    first, second = changes(one, weights, np.stack([image, moved]))
    assert (first.kinds, second.kinds) == (("max",), ("average",))
    assert (first.maps, second.maps) == (0, 0.5)
    average = with_pooling(one, "average")
    assert [one.kinds for one in changes(average, weights, np.stack([image, moved]))] == [
        ("average",),
        ("max",),
    ]


def test_a_network_with_both_kinds_gets_average_pooling_everywhere():
    block = ConvolutionBlock(2, 3)
    both = Network(
        (block, replace(block, pooling=Pooling("average")), replace(block, pooling=None))
    )
    one = plan(both, (20, 20, 1), 3)
    images = random_images(one, 1, 2)
    first, second = changes(one, random_weights(one, 1), images)
    assert (first.kinds, second.kinds) == (("max", "average"), ("average",))
    assert with_pooling(one, "max").network.blocks[2].pooling is None


def test_maps_that_are_all_zero_have_no_share():
    one = plan(Network((ConvolutionBlock(2, 3),)), (8, 8, 1), 3)
    weights = random_weights(one, 1)
    one.split(weights)["convolution_1/bias"][:] = -100
    first, _ = changes(one, weights, random_images(one, 1, 2))
    assert math.isnan(first.maps) and np.isfinite(first.probabilities).all()
