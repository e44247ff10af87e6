"""Logits with a part hidden against Keras, one image at a time."""

import numpy as np
import pytest
from hypothesis import given, settings

from cnn.inspection.explain.occlusion import occlusion, stops
from cnn.inspection.explain.target import Target
from cnn.inspection.forward import probabilities, scaled
from cnn.network.keras import build, set_flat_weights
from cnn.network.plan import plan
from cnn.network.spec import ConvolutionBlock, Network
from tests.strategies import SEEDS, plans, random_images, random_weights


@given(plans(), SEEDS)
@settings(max_examples=10, deadline=None)
def test_every_drop_is_what_keras_loses_when_the_square_is_black(plan, seed):
    weights, [image] = random_weights(plan, seed), random_images(plan, seed, 1)
    side, one, other = image.shape[0], seed % plan.classes, (seed + 1) % plan.classes
    size = 1 + seed % max(1, side // 3)
    found = occlusion(plan, weights, image, size)
    model = build(plan, seed=1)
    set_flat_weights(model, plan, weights)

    def logits(pixels):
        x = scaled(pixels[None])
        for layer in model.layers[:-1]:
            x = layer(x, training=False)
        z = np.asarray(x)[0]
        return z if len(z) > 1 else np.array([-z[0], z[0]])

    drops, compared = found.drops(Target(one)), found.drops(Target(one, other))
    assert drops.shape == (side - size + 1, side - size + 1)
    places = np.random.default_rng(seed).integers(0, side - size + 1, (8, 2)).tolist()
    for top, left in [*places, (0, 0), (side - size, side - size)]:
        hidden = image.copy()
        hidden[top : top + size, left : left + size] = 0
        exact = logits(image) - logits(hidden)
        margin = 2e-5 * max(1.0, float(np.abs(logits(image)).max()))
        assert drops[top, left] == pytest.approx(exact[one], abs=margin)
        assert compared[top, left] == pytest.approx(exact[one] - exact[other], abs=2 * margin)
        answer = probabilities(plan, weights, hidden[None])[0]
        assert answer[found.answers[top, left]] == pytest.approx(answer.max(), abs=1e-6)


@pytest.mark.parametrize("side", range(4, 65))
def test_the_square_stops_everywhere_up_to_a_bound_and_hides_every_pixel(side):
    for size in range(1, max(1, side // 3) + 1):
        found = stops(side, size)
        assert found[0] == 0 and found[-1] == side - size
        assert len(set(found)) == len(found) and len(found) ** 2 <= 1000
        steps = np.diff(found)
        assert set(steps[:-1]) <= {steps[0]} and 0 < steps[-1] <= steps[0]
        assert len(found) == side - size + 1 or steps[0] > 1


def test_a_change_of_the_answer_is_marked_where_it_happens():
    one = plan(Network(()), (4, 4, 1), 2)  # the logits are weighted sums of the pixels
    weights = np.zeros(one.parameters, np.float32)
    kernel, bias = one.split(weights).values()
    kernel[5, 0], bias[1] = 3, 1  # class 0 wins by the pixel in row 2, column 2 alone
    image = np.full((4, 4, 1), 255, np.uint8)
    found = occlusion(one, weights, image, 2)
    expected = np.zeros((3, 3), bool)
    expected[:2, :2] = True  # the squares that hide it
    np.testing.assert_array_equal(found.changes, expected)
    np.testing.assert_allclose(found.drops(Target(0)), 3.0 * expected)
    assert not found.drops(Target(1)).any()


def test_hiding_black_with_black_changes_nothing():
    one = plan(Network((ConvolutionBlock(2, 3),)), (9, 9, 3), 3)
    found = occlusion(one, random_weights(one, 1), np.zeros((9, 9, 3), np.uint8), 2)
    assert not found.drops(Target(0)).any() and not found.changes.any()


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_weights_that_are_no_numbers_give_no_numbers_and_no_complaint(wrong, recwarn):
    one = plan(Network((ConvolutionBlock(2, 3),)), (8, 8, 1), 3)
    weights = np.full(one.parameters, wrong, np.float32)
    found = occlusion(one, weights, random_images(one, 1)[0], 2)
    assert np.isnan(found.drops(Target(0))).all()
    assert not recwarn.list


@pytest.mark.parametrize("size", [0, 10])
def test_a_square_that_does_not_fit_is_refused(size):
    one = plan(Network(()), (9, 9, 1), 2)
    with pytest.raises(ValueError, match=f"1 to 9 pixels. Received: {size}"):
        occlusion(one, random_weights(one, 1), np.zeros((9, 9, 1), np.uint8), size)
