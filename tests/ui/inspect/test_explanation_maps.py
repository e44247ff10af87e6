"""What is said of the four maps is true of the network; nothing it can be is left without a word."""

import numpy as np
import pytest
from hypothesis import given, settings

from cnn.inspection.explain.attribution import attribution, explained_layers
from cnn.inspection.explain.occlusion import occlusion
from cnn.inspection.explain.target import Target
from cnn.network.plan import plan
from cnn.network.spec import ConvolutionBlock, Network
from cnn.ui.components.heat_map import message
from cnn.ui.inspect import explanation as maps
from tests.strategies import SEEDS, plans, random_images, random_weights

CLASSES = ("ant", "bee", "cat", "dog", "eel")
ANT = Target(0)


def drawn(plan, weights, image, target=ANT, size=2):
    """All four maps."""
    layers = explained_layers(plan)
    layer = layers[-1] if layers else None
    found = attribution(plan, weights, image, target, 4, layer and layer.name)
    hidden, words = occlusion(plan, weights, image, size), maps.words_for(target, CLASSES)
    return (
        maps.occlusion_map(hidden, target, CLASSES, image),
        maps.saliency_map(found, words),
        maps.integrated_gradients_map(found, words, 4, image),
        maps.grad_cam_map(found, words, layer, plan),
    )


def said(one) -> str:
    return " ".join(one.facts)


@given(plans(), SEEDS)
@settings(max_examples=10, deadline=None)
def test_every_network_gets_four_cards_with_words(plan, seed):
    found = drawn(plan, random_weights(plan, seed), random_images(plan, seed, 1)[0])
    for one in found:
        assert one.title and one.what and one.limit and one.facts
        if one.values is not None:
            cells = len(one.cells.spans)
            assert one.values.shape == (cells, cells)
            assert len(one.cells.nearest) == plan.image_shape[0]
    assert message(random_images(plan, seed, 1)[0], list(found), CLASSES)
    assert (found[3].values is None) == (not plan.network.blocks)


LINEAR = plan(Network(()), (4, 4, 1), 2)


def weighted(pixel: int, weight: float):
    """Class 0 wins by one pixel alone; class 1 has the logit 1."""
    weights = np.zeros(LINEAR.parameters, np.float32)
    kernel, bias = LINEAR.split(weights).values()
    kernel[pixel, 0], bias[1] = weight, 1
    return weights


def test_the_words_of_a_network_that_looks_at_one_pixel():
    image = np.full((4, 4, 1), 255, np.uint8)
    occluded, slope, adds, cam = drawn(LINEAR, weighted(5, 3), image, size=1)
    assert "With nothing hidden, the logit is 3.00" in said(occluded)
    assert "falls most, by 3.00, with row 2, column 2 hidden" in said(occluded)
    assert "changes from ant at 1 of the places" in said(occluded)
    assert occluded.marks[1, 1] == 1 and (occluded.marks >= 0).sum() == 1
    assert said(slope) == "Largest in row 2, column 2: 3.00."
    assert "All pixels together: 3.00" in said(adds)
    assert "logit is 3.00 for the image and 0 for black, a change of 3.00" in said(adds)
    assert "off by 0." in said(adds) and adds.ends == ("counts against ant", "supports ant")
    assert cam.values is None and "needs a convolution" in said(cam)


def test_the_words_of_two_classes_compared():
    image = np.full((4, 4, 1), 255, np.uint8)
    occluded, slope, adds, _ = drawn(LINEAR, weighted(5, 3), image, Target(1, 0), size=1)
    assert "Blue: logit(bee) − logit(ant) falls without the part" in occluded.what
    assert "With nothing hidden, the difference is −2.00" in said(occluded)
    assert "never lowers it" in said(occluded) and occluded.values[1, 1] == -3
    assert occluded.measure == "difference falls by"
    assert "How steeply logit(bee) − logit(ant) changes" in slope.what
    assert "Blue raises bee over ant, orange raises ant over bee." in adds.what
    assert "difference is −2.00 for the image and 1.00 for black, a change of −3.00" in said(adds)
    assert "off by 0." in said(adds)
    assert occluded.ends == adds.ends == ("raises ant over bee", "raises bee over ant")
    assert not slope.ends


def test_a_part_that_speaks_against_the_class_only():
    image = np.full((4, 4, 1), 255, np.uint8)
    occluded, *_ = drawn(LINEAR, weighted(5, -3), image)
    assert "falls nowhere" in said(occluded) and "stays bee" in said(occluded)
    assert occluded.values.min() == -3


def test_a_black_image_is_told_and_not_scaled_up():
    one = plan(Network((ConvolutionBlock(3, 3),)), (12, 12, 3), 3)
    image = np.zeros((12, 12, 3), np.uint8)
    occluded, slope, adds, _ = drawn(one, random_weights(one, 1), image)
    assert "The image is black" in said(occluded) and "The image is black" in said(adds)
    assert not occluded.values.any() and not adds.values.any()
    assert "red, green and blue" in slope.what and len(slope.details) == 3


def test_dead_units_are_told():
    one = plan(Network((ConvolutionBlock(3, 3),)), (12, 12, 1), 3)
    weights = random_weights(one, 1)
    one.split(weights)["convolution_1/bias"][:] = -100
    occluded, slope, adds, cam = drawn(one, weights, random_images(one, 1, 1)[0])
    assert "the same wherever" in said(occluded)
    for zero in (slope, adds, cam):
        assert "Exactly 0 everywhere" in said(zero) and not zero.values.any()


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_counted(wrong):
    one = plan(Network((ConvolutionBlock(3, 3),)), (12, 12, 1), 3)
    weights = np.full(one.parameters, wrong, np.float32)
    for broken in drawn(one, weights, random_images(one, 1, 1)[0]):
        count = int((~np.isfinite(broken.values)).sum())
        expected = f"{count} of {broken.values.size} values are not finite numbers"
        assert (expected in said(broken)) == bool(count)


def test_grad_cam_tells_its_layer_and_its_grid():
    one = plan(Network((ConvolutionBlock(3, 3, 2), ConvolutionBlock(2, 3))), (20, 20, 1), 3)
    *_, cam = drawn(one, random_weights(one, 1), random_images(one, 1, 1)[0])
    assert cam.values.shape == (2, 2) and cam.grid == "ReLU 2 as it is: 2 × 2"
    # 3, then pooling 2 over a stride of 2 (5), then 3 cells of 4 pixels each (13).
    assert "sees 13 × 13 pixels. The next cell sees 4 further on" in said(cam)
