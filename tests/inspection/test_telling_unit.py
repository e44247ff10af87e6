"""Which number a view opens at: a strong one that has an effect on the prediction."""

import numpy as np
import pytest
from hypothesis import given, settings

from cnn.inspection.forward import apply, forward
from cnn.inspection.units import Unit, telling_unit
from cnn.network.layers import Convolution, Flatten, GlobalAverage, Softmax
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network, Pooling
from tests.strategies import SEEDS, plans, random_images, random_weights


@given(plans(), SEEDS)
@settings(max_examples=15)
def test_the_number_it_opens_at_is_read_by_the_next_window(one: Plan, seed: int) -> None:
    weights, pixels = random_weights(one, seed), random_images(one, seed)[0]
    unit = telling_unit(one, forward(one, weights, pixels[None]))
    names = [layer.name for layer in one.layers]
    assert unit.layer == "logits" or isinstance(one.layer(unit.layer).operation, Convolution)
    x = forward(one, weights, pixels[None])[unit.layer]
    x[(0, *unit.place)] = np.nan
    everything = np.full_like(x, np.nan)
    arrays = one.split(weights)
    sliding = (Convolution, Pooling, Flatten, GlobalAverage, Softmax)
    with np.errstate(all="ignore"):
        for layer in one.layers[names.index(unit.layer) + 1 :]:
            x, everything = apply(layer, x, arrays), apply(layer, everything, arrays)
            if isinstance(layer.operation, sliding):
                break
    # A dilated window on a small map may lie on padding with every cell: then nothing is read.
    assert np.isnan(x).any() == np.isnan(everything).any()


def test_a_stronger_cell_that_pooling_leaves_out_is_passed_over() -> None:
    one = plan(ARTICLE, (28, 28, 1), 10)
    outputs = {"convolution_2": np.zeros((1, 11, 11, 8), np.float32)}  # pooling reads 10 x 10
    outputs["convolution_2"][0, 10, 4, 2] = outputs["convolution_2"][0, 4, 10, 3] = 9
    outputs["convolution_2"][0, 9, 8, 5] = 1
    assert telling_unit(one, outputs) == Unit("convolution_2", 5, 9, 8)


@pytest.mark.parametrize("broken", [np.nan, np.inf, 0.0])
def test_weights_that_say_nothing_still_open_at_a_number(broken: float) -> None:
    one = plan(ARTICLE, (28, 28, 1), 10)
    weights = np.full(one.parameters, broken, np.float32)
    black = np.zeros((1, 28, 28, 1), np.uint8)
    unit = telling_unit(one, forward(one, weights, black))
    assert unit.layer == "convolution_2"


def test_a_network_without_a_convolution_opens_at_its_largest_logit() -> None:
    one = plan(Network(), (4, 4, 1), 3)
    weights, pixels = random_weights(one, 3), random_images(one, 3)[0]
    unit = telling_unit(one, forward(one, weights, pixels[None]))
    assert unit.channel == forward(one, weights, pixels[None])["logits"][0].argmax()
