"""The drawing pad's browser half alone: what it sends, when, and what it takes over from Python."""

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
    """The pad, and Python as far as it receives and answers."""

    def __init__(self, half: Harness) -> None:
        self.half = half
        self.known = empty(SHAPE)
        self.received = 0
        self.show()

    def show(self, known: Drawing | None = None) -> None:
        """A run of the page that knows this drawing."""
        drawing = known or self.known
        head = {"name": "pad", "shape": SHAPE, "start": drawing.start, "version": drawing.version}
        self.half.show(pack(head, drawing.pixels.tobytes() + bytes(drawing.pixels.size)))

    def receive(self) -> int:
        """Python takes note of what was sent since; returns how many messages there were."""
        messages = self.half.sent[self.received :]
        self.received += len(messages)
        for event, message in messages:
            assert event == "drawing"
            self.known = self.known.updated(message)
        return len(messages)

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
    assert pad.receive() == 1
    pad.dot(3, 3)  # not sent yet
    # Streamlit ends an instance's message as soon as a newer one has come, though it is shown on.
    pad.show()
    pad.half.call("() => window.end?.()")
    pad.half.wait(2000)
    assert pad.receive() == 1
    pad.show()
    pad.expect_agreed()
    for act in (lambda: pad.dot(5, 5), lambda: pad.press("Undo"), lambda: pad.press("Clear")):
        act()
        pad.half.wait(2000)
        pad.receive()
        pad.show()
        pad.half.call("() => window.end?.()")
        pad.expect_agreed()
    assert not pad.pixels.any()


def test_many_strokes_are_sent_by_few_messages_and_the_last_one_is(pad: Pad) -> None:
    count = 0
    for at in range(10):
        pad.dot(at, at)
        pad.half.wait(20)
        count += pad.receive()
    assert count == 1  # until Python answers there is one message under way
    pad.show()
    pad.half.wait(200)
    assert pad.receive() == 1
    pad.expect_agreed()
    pad.show()
    pad.half.wait(60_000)
    assert pad.receive() == 0


def test_what_python_knew_before_is_not_drawn_over_what_was_drawn_since(pad: Pad) -> None:
    before = pad.known
    pad.dot(2, 2)
    pad.half.wait(0)
    pad.receive()
    middle = pad.known
    pad.dot(4, 4)
    drawn = pad.pixels
    for late in (before, middle, before):
        pad.show(late)
        assert np.array_equal(pad.pixels, drawn)
    pad.half.wait(5000)
    pad.receive()
    pad.expect_agreed()
    assert np.array_equal(pad.pixels, drawn)


def test_an_image_to_begin_from_is_taken_over_once_and_can_be_undone(pad: Pad) -> None:
    pad.dot(2, 2)
    drawn = pad.pixels
    pad.half.wait(0)
    pad.receive()
    pad.dot(7, 7)  # still to be sent when the image comes
    pad.known = pad.known.begun_from(np.full(SHAPE, 77, np.uint8))
    pad.show()
    assert (pad.pixels == 77).all()
    pad.half.wait(5000)
    assert pad.receive() == 0
    pad.dot(5, 5)
    changed = pad.pixels
    pad.show()  # Python has received nothing yet
    assert np.array_equal(pad.pixels, changed)
    pad.half.wait(5000)
    pad.receive()
    pad.show()
    pad.expect_agreed()
    for _ in range(3):
        pad.press("Undo")
    assert np.array_equal(pad.pixels, drawn)


def test_a_pad_that_comes_back_has_its_drawing_and_sends_what_was_not_sent(pad: Pad) -> None:
    pad.dot(2, 2)
    pad.half.wait(0)
    pad.receive()
    pad.dot(4, 4)
    drawn = pad.pixels
    pad.half.call("() => document.querySelector('.drawing-pad').remove()")
    pad.half.wait(5000)
    assert pad.receive() == 0  # nothing is sent by a pad that has left the page
    pad.half.call(
        "() => document.body.append(Object.assign(document.createElement('div'), {className: 'drawing-pad'}))"
    )
    pad.show()
    assert np.array_equal(pad.pixels, drawn)
    pad.half.wait(5000)
    pad.receive()
    pad.expect_agreed()
    pad.press("Undo")
    assert np.count_nonzero(pad.pixels) == 1


def test_a_lost_message_is_sent_again_and_a_new_server_receives_everything(pad: Pad) -> None:
    pad.dot(2, 2)
    pad.half.wait(0)
    pad.received = len(pad.half.sent)  # lost
    pad.half.wait(5000)
    assert pad.receive() >= 1
    pad.expect_agreed()
    pad.known = pad.known.begun_from(np.full(SHAPE, 7, np.uint8))
    pad.show()
    pad.dot(2, 2)
    pad.half.wait(5000)
    pad.receive()
    pad.known = empty(SHAPE)  # as after a restart
    pad.show()
    pad.half.wait(5000)
    pad.receive()
    pad.expect_agreed()
    assert base64.b64decode(pad.half.sent[-1][1]["pixels"]) == pad.pixels.tobytes()
