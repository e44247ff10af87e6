"""What the browser tells of a drawing: pixels are taken, anything else gets a sentence."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.inspection.image.drawing import NO_DRAWING, DrawingError
from tests.strategies import SEEDS

SHAPES = st.tuples(st.integers(4, 12), st.integers(4, 12), st.sampled_from((1, 3)))


def message(start: int, content: bytes) -> dict[str, object]:
    return {"start": start, "pixels": base64.b64encode(content).decode()}


@given(SHAPES, SEEDS)
def test_pixels_arrive_as_they_were_drawn(shape: tuple[int, int, int], seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    empty = NO_DRAWING.fitting(shape)
    told = empty.told(message(empty.start, pixels.tobytes()))
    assert np.array_equal(told.pixels, pixels)
    assert told.start == empty.start  # the pad it came from must not take it back


def test_a_pad_is_empty_until_something_is_drawn_and_for_images_of_another_size() -> None:
    empty = NO_DRAWING.fitting((28, 28, 1))
    assert empty.pixels.shape == (28, 28, 1) and not empty.pixels.any()
    assert empty.fitting((28, 28, 1)) is empty
    image = np.full((28, 28, 1), 7, np.uint8)
    colored = empty.begun_from(image).fitting((32, 32, 3))
    assert colored.pixels.shape == (32, 32, 3) and not colored.pixels.any()


def test_a_pad_that_begins_from_an_image_is_another_and_hears_no_late_messages() -> None:
    empty = NO_DRAWING.fitting((4, 4, 1))
    image = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    begun = empty.begun_from(image)
    assert begun.start != empty.start
    assert begun.told(message(empty.start, bytes(16))) is begun


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (None, "did not arrive"),
        ("pixels", "did not arrive"),
        ({"start": 1}, "did not arrive"),
        ({"start": 1, "pixels": [0] * 16}, "did not arrive"),
        ({"start": 1, "pixels": "???"}, "could not be read"),
        ({"start": 1, "pixels": "ä"}, "could not be read"),
        (message(1, bytes(15)), "15 values where the network reads 16"),
        (message(1, bytes(48)), "48 values where the network reads 16"),
    ],
)
def test_what_is_no_drawing_gets_a_sentence(told: object, sentence: str) -> None:
    with pytest.raises(DrawingError, match=sentence):
        NO_DRAWING.fitting((4, 4, 1)).told(told)
