"""The drawing pad's browser half alone: what it tells, when, and what it takes over from Python."""

import base64
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser

from cnn.inspection.image.drawing import Drawing, empty
from cnn.ui.components.component import pack
from tests.e2e.component import Harness
from tests.e2e.pixels import colors

SHAPE = (12, 12, 1)
Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def half(chromium: Browser) -> Any:
    made = Harness(chromium, "drawing_pad")
    yield made
    made.close()


@pytest.fixture
def pad(half: Harness) -> "Pad":
    half.open()
    return Pad(half)


class Pad:
    """The pad, and Python as far as it hears and answers."""

    def __init__(self, half: Harness) -> None:
        self.half = half
        self.known = empty(SHAPE)
        self.heard = 0
        self.show()

    def show(self, known: Drawing | None = None) -> None:
        """A run of the page that knows this drawing."""
        one = known or self.known
        head = {"name": "pad", "shape": SHAPE, "start": one.start, "version": one.version}
        self.half.show(pack(head, one.pixels.tobytes() + bytes(one.pixels.size)))

    def hear(self) -> int:
        """Python takes note of what was told since; returns how many messages there were."""
        told = self.half.told[self.heard :]
        self.heard += len(told)
        for event, message in told:
            assert event == "drawing"
            self.known = self.known.updated(message)
        return len(told)

    def dot(self, row: int, column: int) -> None:
        """One cell, with the finest brush."""
        self.half.page.locator("button", has_text="1").click()
        canvas = self.half.page.locator("canvas").first
        canvas.click(position={"x": 20 * column + 10, "y": 20 * row + 10})

    def press(self, name: str) -> None:
        self.half.page.get_by_role("button", name=name, exact=True).click()

    @property
    def pixels(self) -> Pixels:
        """What is on the pad, (12, 12, 1)."""
        return colors(self.half.page.locator("canvas").first)[..., :1]

    def expect_agreed(self) -> None:
        """Python and the pad have the same drawing."""
        assert np.array_equal(self.pixels, self.known.pixels)


def test_a_message_that_is_overtaken_by_another_does_not_silence_the_pad(pad: Pad) -> None:
    pad.dot(2, 2)
    pad.half.wait(0)
    assert pad.hear() == 1
    pad.dot(3, 3)  # not told yet
    # Streamlit ends an instance's message as soon as a newer one has come, though it is shown on.
    pad.show()
    pad.half.call("() => window.end?.()")
    pad.half.wait(2000)
    assert pad.hear() == 1
    pad.show()
    pad.expect_agreed()
    for act in (lambda: pad.dot(5, 5), lambda: pad.press("Undo"), lambda: pad.press("Clear")):
        act()
        pad.half.wait(2000)
        pad.hear()
        pad.show()
        pad.half.call("() => window.end?.()")
        pad.expect_agreed()
    assert not pad.pixels.any()


def test_python_is_told_of_many_strokes_by_few_messages_and_of_the_last_one(pad: Pad) -> None:
    count = 0
    for at in range(10):
        pad.dot(at, at)
        pad.half.wait(20)
        count += pad.hear()
    assert count == 1  # until Python answers there is one message under way
    pad.show()
    pad.half.wait(200)
    assert pad.hear() == 1
    pad.expect_agreed()
    pad.show()
    pad.half.wait(60_000)
    assert pad.hear() == 0


def test_what_python_knew_before_is_not_drawn_over_what_was_drawn_since(pad: Pad) -> None:
    before = pad.known
    pad.dot(2, 2)
    pad.half.wait(0)
    pad.hear()
    middle = pad.known
    pad.dot(4, 4)
    drawn = pad.pixels
    for late in (before, middle, before):
        pad.show(late)
        assert np.array_equal(pad.pixels, drawn)
    pad.half.wait(5000)
    pad.hear()
    pad.expect_agreed()
    assert np.array_equal(pad.pixels, drawn)


def test_an_image_to_begin_from_is_taken_over_once_and_can_be_undone(pad: Pad) -> None:
    pad.dot(2, 2)
    drawn = pad.pixels
    pad.half.wait(0)
    pad.hear()
    pad.dot(7, 7)  # still to be told when the image comes
    pad.known = pad.known.begun_from(np.full(SHAPE, 77, np.uint8))
    pad.show()
    assert (pad.pixels == 77).all()
    pad.half.wait(5000)
    assert pad.hear() == 0
    pad.dot(5, 5)
    changed = pad.pixels
    pad.show()  # Python has not heard yet
    assert np.array_equal(pad.pixels, changed)
    pad.half.wait(5000)
    pad.hear()
    pad.show()
    pad.expect_agreed()
    for _ in range(3):
        pad.press("Undo")
    assert np.array_equal(pad.pixels, drawn)


def test_a_pad_that_comes_back_has_its_drawing_and_tells_what_was_not_told(pad: Pad) -> None:
    pad.dot(2, 2)
    pad.half.wait(0)
    pad.hear()
    pad.dot(4, 4)
    drawn = pad.pixels
    pad.half.call("() => document.querySelector('.drawing-pad').remove()")
    pad.half.wait(5000)
    assert pad.hear() == 0  # nothing is told by a pad that has left the page
    pad.half.call(
        "() => document.body.append(Object.assign(document.createElement('div'), {className: 'drawing-pad'}))"
    )
    pad.show()
    assert np.array_equal(pad.pixels, drawn)
    pad.half.wait(5000)
    pad.hear()
    pad.expect_agreed()
    pad.press("Undo")
    assert np.count_nonzero(pad.pixels) == 1


def test_a_lost_message_is_sent_again_and_a_new_server_is_told_everything(pad: Pad) -> None:
    pad.dot(2, 2)
    pad.half.wait(0)
    pad.heard = len(pad.half.told)  # lost
    pad.half.wait(5000)
    assert pad.hear() >= 1
    pad.expect_agreed()
    pad.known = pad.known.begun_from(np.full(SHAPE, 7, np.uint8))
    pad.show()
    pad.dot(2, 2)
    pad.half.wait(5000)
    pad.hear()
    pad.known = empty(SHAPE)  # as after a restart
    pad.show()
    pad.half.wait(5000)
    pad.hear()
    pad.expect_agreed()
    assert base64.b64decode(pad.half.told[-1][1]["pixels"]) == pad.pixels.tobytes()
