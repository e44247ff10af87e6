"""What a shift changes, against the same said in other words."""

import numpy as np
import pytest
from hypothesis import given, settings

from cnn.inspection.keras_values import layer_values
from cnn.lessons.shift import ONE_PIXEL, map_change, predictions, shifted
from cnn.network.plan import Plan
from tests.strategies import SEEDS, plans, random_images, random_weights


@pytest.mark.parametrize(
    ("direction", "axis", "by"),
    [("left", 2, -1), ("right", 2, 1), ("up", 1, -1), ("down", 1, 1)],
)
def test_a_shift_moves_all_pixels_by_one_and_brings_in_black(
    direction: str, axis: int, by: int
) -> None:
    images = np.random.default_rng(0).integers(1, 256, (3, 5, 5, 1), dtype=np.uint8)
    expected = np.roll(images, by, axis)
    expected.swapaxes(0, axis)[0 if by > 0 else -1] = 0
    np.testing.assert_array_equal(shifted(images, direction), expected)


def test_a_change_is_a_share_of_the_maps_own_size_and_empty_maps_have_none() -> None:
    values = np.zeros((3, 1, 2, 2), np.float32)
    values[0].flat = 3, 0, 0, 4
    values[2].flat = 0, 10, 0, 0
    moved = values.copy()
    moved[0].flat = 3, 0, 3, 0
    moved[1] += 7
    by_shift, to_other_image = map_change(values, moved)
    assert by_shift == np.mean([5 / 5, 0])
    assert to_other_image == pytest.approx(np.mean([5 / 5, np.sqrt(9 + 100 + 16) / 10]), rel=1e-6)


@given(plans(), SEEDS)
@settings(max_examples=4, deadline=None)
def test_predictions_are_those_of_keras(one: Plan, seed: int) -> None:
    weights, images = random_weights(one, seed), random_images(one, seed)
    direction = list(ONE_PIXEL)[seed % 4]

    def said(image: np.ndarray) -> int:
        output = layer_values(one, weights, image)[one.layers[-1].name]
        return int(output[0] > 0.5) if len(output) == 1 else int(output.argmax())

    expected = [[said(image) for image in some] for some in (images, shifted(images, direction))]
    np.testing.assert_array_equal(predictions(one, weights, images, direction), expected)
