"""Distortions against NumPy's and SciPy's own, and against what they say of themselves."""

from dataclasses import fields, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import ndimage

from cnn.arrays import Pixels
from cnn.inspection.image.distortion import Distortion, amounts, distorted, sweep

SIDES = st.integers(4, 20)


@st.composite
def images(draw: st.DrawFn) -> Pixels:
    side, channels = draw(SIDES), draw(st.sampled_from((1, 3)))
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    return random.integers(0, 256, (side, side, channels), dtype=np.uint8)


@st.composite
def distortions(draw: st.DrawFn) -> Distortion:
    """Distortions of which each part that is not 0 shows on an image of noise of 20 pixels a side."""
    return Distortion(
        shift_right=draw(st.integers(-3, 3)),
        shift_down=draw(st.integers(-3, 3)),
        angle=draw(st.sampled_from((0, 0, -90, -20, 45))),
        hidden_side=draw(st.sampled_from((0, 0, 4))),
        hidden_right=draw(st.integers(-3, 3)),
        hidden_down=draw(st.integers(-3, 3)),
        noise=draw(st.sampled_from((0, 0, 0.1))),
        noise_seed=draw(st.integers(0, 9)),
    )


@given(distortions())
@example(Distortion())
@example(Distortion(hidden_right=2, hidden_down=3, noise_seed=5))
@example(Distortion(shift_right=1))
@example(Distortion(shift_down=1))
@example(Distortion(angle=45))
@example(Distortion(hidden_side=4))
@example(Distortion(noise=0.1))
def test_a_distortion_is_nothing_exactly_if_the_image_stays_as_it_is(
    distortion: Distortion,
) -> None:
    image = np.random.default_rng(1).integers(1, 256, (20, 20, 1), dtype=np.uint8)
    unchanged = np.array_equal(distorted(image, distortion), image)
    assert distortion.nothing == unchanged


@given(images(), st.integers(-24, 24), st.integers(-24, 24))
def test_a_shift_rolls_the_image_and_fills_with_black(image: Pixels, right: int, down: int) -> None:
    side = len(image)
    wide = np.pad(image, ((side + 24,) * 2, (side + 24,) * 2, (0, 0)))
    rolled = np.roll(wide, (down, right), (0, 1))[side + 24 :, side + 24 :][:side, :side]
    assert np.array_equal(distorted(image, Distortion(right, down)), rolled)


@given(images(), st.integers(-2, 2))
def test_quarter_turns_are_exact_and_counter_clockwise(image: Pixels, quarters: int) -> None:
    turned = distorted(image, Distortion(angle=90 * quarters))
    assert np.array_equal(turned, np.rot90(image, quarters))


@pytest.mark.parametrize("angle", [-170, -35, 5, 60, 145])
@pytest.mark.parametrize("channels", [1, 3])
def test_other_turns_agree_with_scipy_inside_the_image(angle: int, channels: int) -> None:
    random = np.random.default_rng(angle + 200)
    image = random.integers(0, 256, (28, 28, channels), dtype=np.uint8)
    reference = ndimage.rotate(image.astype(float), angle, order=1, reshape=False)
    turned = distorted(image, Distortion(angle=angle)).astype(float)
    rows, columns = np.indices((28, 28)) - 13.5
    inside = np.hypot(rows, columns) < 12.5
    assert np.abs(turned - reference)[inside].max() <= 2  # whole brightnesses, fractions of 1/256
    far = np.hypot(rows, columns) > 19.5  # never within the turned square
    assert not turned[far].any()


@given(images(), st.integers(1, 25), st.integers(-12, 12), st.integers(-12, 12))
def test_the_hidden_square_is_black_and_nothing_else_changes(
    image: Pixels, side: int, right: int, down: int
) -> None:
    middle = len(image) // 2
    covered = distorted(image, Distortion(hidden_side=side, hidden_right=right, hidden_down=down))
    for y, x in product(range(len(image)), repeat=2):
        in_rows = middle + down - side // 2 <= y < middle + down - side // 2 + side
        in_columns = middle + right - side // 2 <= x < middle + right - side // 2 + side
        expected = 0 * image[y, x] if in_rows and in_columns else image[y, x]
        assert np.array_equal(covered[y, x], expected)


def test_noise_has_the_spread_it_says_and_the_pattern_of_its_seed() -> None:
    gray = np.full((64, 64, 3), 128, np.uint8)
    noisy = distorted(gray, Distortion(noise=0.1, noise_seed=7))
    added = noisy.astype(float) - 128  # 5 standard deviations lie within 0..255
    assert added.mean() == pytest.approx(0, abs=4 * 25.5 / np.sqrt(added.size))
    assert added.std() == pytest.approx(25.5, rel=0.03)
    assert np.array_equal(noisy, distorted(gray, Distortion(noise=0.1, noise_seed=7)))
    assert not np.array_equal(noisy, distorted(gray, Distortion(noise=0.1, noise_seed=8)))
    twice = distorted(gray, Distortion(noise=0.2, noise_seed=7)).astype(float) - 128
    unclipped = np.abs(twice) < 120
    assert np.abs(twice - 2 * added)[unclipped].max() <= 1.5  # rounded once and twice


def test_much_noise_is_clipped_and_not_wrapped() -> None:
    noisy = distorted(np.full((30, 30, 1), 250, np.uint8), Distortion(noise=0.05))
    assert 255 in noisy and noisy.min() > 150


@given(images())
def test_an_image_is_turned_first_then_shifted_then_hidden(image: Pixels) -> None:
    both = distorted(image, Distortion(2, 1, 90, 4, 1, -2))
    turned = np.rot90(image)
    moved = distorted(turned, Distortion(2, 1))
    assert np.array_equal(both, distorted(moved, Distortion(0, 0, 0, 4, 1, -2)))


@given(images(), st.sampled_from([field.name for field in fields(Distortion)][:-1]))
def test_a_sweep_tries_every_amount_of_one_field(image: Pixels, field: str) -> None:
    others = Distortion(1, -1, 5, 2, 1, 2, 0.1, 3)
    tried = sweep(image, others, field)
    assert len(tried) == len(amounts(field, len(image)))
    for one, amount in zip(tried, amounts(field, len(image)), strict=True):
        assert np.array_equal(one, distorted(image, replace(others, **{field: amount})))
    assert getattr(Distortion(), field) in amounts(field, len(image))


def test_the_image_given_is_not_written_to() -> None:
    image = np.full((8, 8, 1), 9, np.uint8)
    image.setflags(write=False)
    distorted(image, Distortion(1, 1, 30, 3, 4, 4, 0.3))
