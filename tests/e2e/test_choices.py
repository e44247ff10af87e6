"""What is chosen in the network view and what Python has chosen: the newer of the two is shown."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from cnn.inspection.units import Unit
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.ui.common.theme import CLASSES as CLASS_COLORS
from cnn.ui.components.component import pack
from cnn.ui.components.network_message import Picture, Timeline, message
from tests.e2e.component import Harness
from tests.strategies import random_images, random_weights

ARTICLES = plan(ARTICLE, (28, 28, 1), 10)
WEIGHTS, IMAGE = random_weights(ARTICLES, 3), random_images(ARTICLES, 3)[0]
CLASSES = tuple(f"class {at}" for at in range(10))
KEPT = (0, 1, 2, 5)
TIMELINE = Timeline("run", KEPT, 5, tuple((epoch, 2 - epoch / 4, 2.1) for epoch in range(6)))
START = Unit("convolution_2", 2, 4, 4)
SHOWN = Picture(ARTICLES, WEIGHTS, IMAGE, CLASSES, selected=START, timeline=TIMELINE)


class Python:
    """Python, which answers with what it has chosen and the last token that it received."""

    def __init__(self, half: Harness) -> None:
        self.half = half
        self.confirmed = {"unit": "", "epoch": ""}

    def confirm(self) -> None:
        self.confirmed |= self.half.tokens

    def show(self, column: int, epoch: int = 5) -> None:
        timeline = replace(TIMELINE, shown=epoch)
        selected = replace(START, column=column)
        picture = replace(SHOWN, selected=selected, timeline=timeline)
        self.half.show(message(picture, confirmed=self.confirmed)[0])

    def move_right(self) -> None:
        self.half.page.locator(".strip").press("ArrowRight")
        self.half.wait(1000)

    def expect_column(self, column: int) -> None:
        title = self.half.page.locator(".receipt h2").first
        expect(title).to_contain_text(f"row 5, column {column + 1}", timeout=2000)

    def let_go_at(self, place: int) -> None:
        slider = self.half.page.get_by_role("slider", name="Epoch")
        slider.evaluate(
            "(input, at) => { input.value = at; for (const name of ['input', 'change'])"
            " input.dispatchEvent(new Event(name)); }",
            place,
        )
        self.half.wait(1000)

    def expect_epoch(self, epoch: int) -> None:
        label = self.half.page.locator(".epoch")
        expect(label).to_contain_text(f"Epoch {epoch} ", timeout=2000)


@pytest.fixture
def python(browser_half: Harness) -> Python:
    browser_half.open()
    made = Python(browser_half)
    made.show(4)
    return made


def test_an_answer_to_an_earlier_choice_does_not_take_a_later_one_back(python: Python) -> None:
    python.move_right()
    python.confirm()
    python.move_right()
    for late in (4, 5, 4, 5):
        python.show(late)
        python.expect_column(6)
    python.confirm()
    python.show(6)
    python.expect_column(6)


def test_what_python_chooses_after_it_has_confirmed_is_shown_whatever_was_chosen_before(
    python: Python,
) -> None:
    # There and back, of which Python receives only the end: column 5 is no echo any more.
    for key in ("ArrowRight", "ArrowLeft", "ArrowRight", "ArrowLeft"):
        python.half.page.locator(".strip").press(key)
        python.half.wait(1000)
    python.confirm()
    python.show(4)
    python.expect_column(4)
    python.show(5)  # chosen elsewhere on the page
    python.expect_column(5)


def test_a_choice_that_python_refuses_is_taken_back(python: Python) -> None:
    python.move_right()
    python.confirm()
    python.show(4)
    python.expect_column(4)


def test_a_choice_that_got_lost_is_sent_again(python: Python) -> None:
    python.move_right()
    python.half.wait(10_000)
    python.show(4)
    python.expect_column(5)
    assert python.half.sent[-2:] == [("unit", "convolution_2-map3-row5-column6")] * 2
    python.confirm()
    python.show(5)
    python.expect_column(5)


def test_an_answer_to_an_earlier_epoch_does_not_move_the_handle(python: Python) -> None:
    python.let_go_at(1)
    python.confirm()
    python.let_go_at(2)
    for late in (5, 1):
        python.show(4, epoch=late)
        python.expect_epoch(2)
    python.confirm()
    python.show(4, epoch=2)
    python.expect_epoch(2)
    python.show(4, epoch=1)  # chosen on another page
    python.expect_epoch(1)


def test_a_message_that_is_over_stops_the_sweep_only_when_the_view_has_left_the_page(
    python: Python,
) -> None:
    page = python.half.page
    page.locator(".tools button", has_text="Sweep").click()
    expect(page.locator(".tools button", has_text="Pause")).to_be_visible(timeout=2000)
    python.half.call("() => window.end()")
    before = page.locator(".receipt h2").first.inner_text()
    python.half.wait(1000)
    assert page.locator(".receipt h2").first.inner_text() != before
    sent = len(python.half.sent)
    python.half.call("() => { document.querySelector('.network-view').remove(); }")
    python.half.call(
        "() => { Object.defineProperty(document.body, 'isConnected', { value: false }); window.end(); }"
    )
    python.half.wait(60_000)
    assert len(python.half.sent) == sent


def test_only_the_choices_that_python_wants_are_sent(browser_half: Harness) -> None:
    browser_half.open()
    browser_half.show(message(SHOWN, confirmed={})[0])
    silent = Python(browser_half)
    silent.move_right()
    silent.let_go_at(0)
    silent.expect_column(5)
    assert [event for event, _ in browser_half.sent if event != "film"] == []


@pytest.fixture
def points(chromium: Browser) -> Iterator[Harness]:
    made = Harness(chromium, "scatter_map")
    yield made
    made.close()


def test_points_that_were_let_go_before_python_has_answered_stay_let_go(points: Harness) -> None:
    def show(chosen: tuple[int, ...], confirmed: str) -> None:
        head = {
            "count": 3,
            "numbers": [4, 5, 6],
            "truth": [0, 1, 0],
            "predicted": [0, 1, 1],
            "classes": ["a", "b"],
            "chosen": chosen,
            "confirmed": {"chosen": confirmed},
            "shape": (2, 2, 1),
            "label": "a map",
            "moving": False,
            "colors": CLASS_COLORS,
        }
        places = np.array([[0, 0], [1, 0], [0, 1]], "<f4")
        points.show(pack(head, places.tobytes() + bytes(3 * 4)))

    def selected() -> list[int]:
        found: list[int] = points.call(
            "() => [...component.views.get(document.querySelector('.scatter-map')).selected]"
        )
        return found

    show((), "")
    plot = points.page.locator("canvas.plot")
    plot.press("ArrowDown")
    plot.press("Enter")
    [(_, chosen)] = points.sent
    assert selected() == chosen and len(chosen) == 1
    first = points.tokens["chosen"]
    plot.press("Escape")
    assert points.sent[-1] == ("chosen", [])
    show((), "")  # Python has received nothing,
    show(tuple(chosen), first)  # then of the choice,
    assert selected() == []
    show((), points.tokens["chosen"])  # then of its end
    assert selected() == []
    show((2,), points.tokens["chosen"])  # and chooses itself, as its list of pairs can
    assert selected() == [2]
