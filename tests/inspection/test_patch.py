"""Patches are what a unit sees: pixels outside never change it, pixels inside can."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.inspection.forward import forward
from cnn.inspection.map_geometry import cut_out
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, Network, Pooling
from tests.strategies import SEEDS, plans, random_images, random_weights


def region(one: Plan, layer: str, row: int, column: int) -> np.ndarray:
    """The pixels (height, width) that the patch shows, found by numbering them."""
    height, width, channels = one.image_shape
    numbered = np.arange(1, height * width + 1).reshape(height, width)
    shown = np.zeros(height * width + 1, dtype=bool)
    # A pixel's number is written in two bytes, each an image of its own.
    high, low = (
        cut_out(
            np.repeat(part[..., None], channels, 2).astype(np.uint8), one.layer(layer), row, column
        )
        for part in (numbered // 256, numbered % 256)
    )
    found = high.pixels[..., 0].astype(int) * 256 + low.pixels[..., 0]
    assert (found[~high.seen] == 0).all() and (found[high.seen] > 0).all()
    shown[found[high.seen]] = True
    return shown[1:].reshape(height, width)


@settings(max_examples=30, deadline=None)
@given(plans(), SEEDS, st.data())
def test_pixels_outside_a_patch_do_not_change_its_unit(
    one: Plan, seed: int, data: st.DataObject
) -> None:
    layers = [layer for layer in one.layers if len(layer.output_shape) == 3]
    if not layers:
        return
    layer = data.draw(st.sampled_from(layers))
    row = data.draw(st.integers(0, layer.output_shape[0] - 1))
    column = data.draw(st.integers(0, layer.output_shape[1] - 1))
    weights = random_weights(one, seed)
    image, other = random_images(one, seed, count=2)
    seen = region(one, layer.name, row, column)
    changed = np.where(seen[..., None], image, other)
    unit = (slice(None), row, column)
    before, after = (
        forward(one, weights, pixels[None])[layer.name][unit] for pixels in (image, changed)
    )
    np.testing.assert_allclose(before, after, rtol=0, atol=1e-6)


def test_each_edge_of_a_patch_matters() -> None:
    blocks = (
        ConvolutionBlock(
            2, 4, 2, "same", activation=Activation("tanh"), pooling=Pooling("average", 3, 2)
        ),
        ConvolutionBlock(2, 3, 1, "same", activation=Activation("linear"), pooling=None),
    )
    one = plan(Network(blocks), (24, 24, 1), 2)
    weights = random_weights(one, 1)
    [image] = random_images(one, 1, count=1)
    layer = one.layer("convolution_2")
    for row in range(layer.output_shape[0]):
        seen = region(one, layer.name, row, 2)
        rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
        before = forward(one, weights, image[None])[layer.name][0, row, 2]
        for edge in (
            np.s_[rows[0], columns],
            np.s_[rows[-1], columns],
            np.s_[rows, columns[0]],
            np.s_[rows, columns[-1]],
        ):
            changed = image.copy()
            changed[edge] = 255 - changed[edge]
            after = forward(one, weights, changed[None])[layer.name][0, row, 2]
            assert not np.allclose(before, after, rtol=0, atol=1e-7)


def test_padding_is_marked_and_stays_where_it_is() -> None:
    one = plan(Network((ConvolutionBlock(1, 5, 1, "same", pooling=None),)), (8, 8, 3), 2)
    [image] = random_images(one, 1, count=1)
    patch = cut_out(image, one.layer("convolution_1"), 0, 7)
    assert patch.pixels.shape == (5, 5, 3)
    expected = np.zeros((5, 5), dtype=bool)
    expected[2:, :3] = True
    np.testing.assert_array_equal(patch.seen, expected)
    np.testing.assert_array_equal(patch.pixels[2:, :3], image[:3, 5:])
    assert not patch.pixels[~expected].any()


def test_padding_far_wider_than_the_image_is_cut() -> None:
    blocks = tuple(ConvolutionBlock(1, 11, 1, "same", pooling=None) for _ in range(4))
    one = plan(Network(blocks), (4, 4, 1), 2)
    patch = cut_out(np.full((4, 4, 1), 9, np.uint8), one.layer("convolution_4"), 1, 3)
    assert patch.pixels.shape == (8, 8, 1) and patch.seen.sum() == 16
    assert (patch.pixels[patch.seen] == 9).all()


def test_a_unit_that_sees_everything_gets_the_whole_image() -> None:
    one = plan(Network(), (28, 28, 1), 2)
    [image] = random_images(one, 1, count=1)
    patch = cut_out(image, one.layer("logits"), 0, 0)
    np.testing.assert_array_equal(patch.pixels, image)
    assert patch.seen.all()
