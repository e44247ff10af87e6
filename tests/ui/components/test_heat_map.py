"""The message of maps: every number lands where its head says."""

import json
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnn.inspection.map_geometry import squares
from cnn.ui.components.heat_map import HeatMap, message


def unpacked(data: bytes):
    """Head, numbers and image bytes."""
    length = int.from_bytes(data[:4], "little")
    head = json.loads(data[4 : 4 + length])
    body = data[4 + length :]
    return head, np.frombuffer(body[: 4 * head["floats"]], "<f4"), body[4 * head["floats"] :]


@given(st.integers(1, 5), st.sampled_from([1, 3]), st.integers(0, 100))
def test_values_details_marks_and_image_come_back(cells, channels, seed):
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (10, 10, channels), np.uint8)
    first, second, detail = random.normal(0, 1, (3, cells, cells)).astype(np.float32)
    marks = random.integers(-1, 3, (cells, cells))
    on = squares(range(cells), 2, 10)
    first_map = HeatMap("One", "what", "limit", ("fact",), first, on, "measure")
    second_map = replace(
        first_map, values=second, details=(("more", detail),), marks=marks, marked="is"
    )
    words = HeatMap("Words", "what", "limit", ("only",))
    head, numbers, pixels = unpacked(
        message(image, [first_map, words, second_map], ("a", "b", "c"))
    )
    assert pixels == image.tobytes() and head["shape"] == list(image.shape)

    def at(start: int):
        return numbers[start : start + cells * cells].reshape(cells, cells)

    drawn = head["maps"]
    np.testing.assert_array_equal(at(drawn[0]["values"]), first)
    np.testing.assert_array_equal(at(drawn[2]["values"]), second)
    np.testing.assert_array_equal(at(drawn[2]["details"][0][1]), detail)
    np.testing.assert_array_equal(at(drawn[2]["marks"]), marks)
    assert drawn[0]["largest"] == np.abs(first).max() and drawn[0]["marks"] is None
    assert "values" not in drawn[1] and drawn[1]["facts"] == ["only"]


def test_the_scale_ignores_what_is_no_number():
    values = np.array([[np.nan, -3], [np.inf, 2]], np.float32)
    first_map = HeatMap("One", "", "", (), values, squares(range(2), 1, 2))
    none = replace(first_map, values=np.full((2, 2), np.nan, np.float32))
    head, *_ = unpacked(message(np.zeros((2, 2, 1), np.uint8), [first_map, none], ("a",)))
    assert [drawn["largest"] for drawn in head["maps"]] == [3, 0]
