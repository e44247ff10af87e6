"""What the browser tells of a drawing: what is newer is taken, anything that is none gets a sentence."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.inspection.image.drawing import Drawing, DrawingError, empty
from tests.strategies import SEEDS

SHAPES = st.tuples(st.integers(4, 12), st.integers(4, 12), st.sampled_from((1, 3)))
SHAPE = (4, 4, 1)


def message(start: int, version: int, content: bytes) -> dict[str, object]:
    pixels = base64.b64encode(content).decode()
    return {"start": start, "version": version, "pixels": pixels}


def image(value: int) -> Drawing:
    return Drawing(np.full(SHAPE, value, np.uint8))


@given(SHAPES, SEEDS)
def test_pixels_arrive_as_they_were_drawn(shape: tuple[int, int, int], seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    told = empty(shape).updated(message(0, 1, pixels.tobytes()))
    assert np.array_equal(told.pixels, pixels)
    assert (told.start, told.version) == (0, 1)  # the pad it came from must not take it back


@given(st.permutations(range(1, 6)), st.lists(st.integers(1, 5)))
def test_in_whatever_order_and_however_often_messages_come_the_newest_stays(
    order: list[int], again: list[int]
) -> None:
    drawing = empty(SHAPE)
    for version in [*order, *again]:
        drawing = drawing.updated(message(0, version, bytes([version] * 16)))
    assert drawing.version == 5
    assert (drawing.pixels == 5).all()


def test_a_pad_that_begins_from_an_image_hears_no_late_messages() -> None:
    drawn = empty(SHAPE).updated(message(0, 7, bytes(16)))
    begun = drawn.begun_from(image(9).pixels)
    assert begun.updated(message(0, 8, bytes(16))) is begun
    assert (begun.pixels == 9).all()
    assert (begun.updated(message(begun.start, 1, bytes(16))).pixels == 0).all()


def test_a_pad_that_has_outlived_the_server_brings_its_drawing_back() -> None:
    told = empty(SHAPE).updated(message(3, 2, bytes([5] * 16)))
    assert (told.pixels == 5).all()
    assert (told.start, told.version) == (3, 2)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (None, "did not arrive"),
        ("pixels", "did not arrive"),
        ({"start": 1, "version": 1}, "did not arrive"),
        ({"start": 1, "pixels": "AAAA"}, "did not arrive"),
        ({"start": 1, "version": "2", "pixels": "AAAA"}, "did not arrive"),
        ({"start": 1, "version": 1, "pixels": [0] * 16}, "did not arrive"),
        ({"start": 1, "version": 1, "pixels": "???"}, "could not be read"),
        ({"start": 1, "version": 1, "pixels": "ä"}, "could not be read"),
        (message(1, 1, bytes(15)), "15 values where the network reads 16"),
        (message(1, 1, bytes(48)), "48 values where the network reads 16"),
    ],
)
def test_what_is_no_drawing_gets_a_sentence(told: object, sentence: str) -> None:
    with pytest.raises(DrawingError, match=sentence):
        empty(SHAPE).updated(told)
