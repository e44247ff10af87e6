"""The network on a touch screen: rows to swipe, the receipt as a sheet, a magnifier above the finger."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, CDPSession, Locator, expect

from cnn.inspection.forward import forward
from cnn.network.plan import Plan, plan
from cnn.network.presets import PRESETS
from cnn.network.spec import ConvolutionBlock, DenseLayer, Network
from cnn.ui.components.network_message import Picture
from tests.e2e.component import Harness
from tests.e2e.reading import check_number, read_number
from tests.e2e.test_glance import CLASSES, STARTER, show

MANY = plan(
    Network((ConvolutionBlock(64, 3, padding="same"),) * 5, dense=(DenseLayer(100),)),
    (64, 64, 3),
    10,
)
PHONE, TABLET, HEIGHT = 390, 768, 900
HOLD = 300  # milliseconds, longer than a tap


@pytest.fixture(scope="module")
def touched(chromium: Browser) -> Iterator[Harness]:
    """The network view alone on a touch screen."""
    made = Harness(chromium, "network_view", touch=True)
    made.page.emulate_media(reduced_motion="reduce")
    yield made
    made.close()


@pytest.fixture
def shown(touched: Harness) -> Picture:
    """The article's network on a phone."""
    return show(touched, STARTER, PHONE)


def value(picture: Picture, layer: str, *cell: int) -> float:
    return float(forward(picture.plan, picture.weights, picture.image[None])[layer][0][cell])


class Finger:
    """A finger that stays on the screen until it is lifted."""

    def __init__(self, half: Harness) -> None:
        self._half = half
        self._session: CDPSession = half.page.context.new_cdp_session(half.page)

    def put(self, x: float, y: float) -> None:
        self._send("touchStart", (x, y))

    def move(self, x: float, y: float) -> None:
        self._send("touchMove", (x, y))

    def lift(self) -> None:
        self._send("touchEnd")
        self._half.wait(50)

    def _send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def row(half: Harness, title: str) -> Locator:
    return half.page.locator(".row").filter(has_text=re.compile(f"^{title} "))


def place(drawing: Locator, x: float, y: float) -> tuple[float, float]:
    box = drawing.bounding_box()
    assert box
    return box["x"] + x, box["y"] + y


def second_map(half: Harness, row_number: int, column: int) -> tuple[float, float]:
    """The middle of a cell, from 1, of the second map of the second convolution: 5 pixels a cell."""
    drawing = row(half, "Convolution 2").locator(".drawing")
    drawing.scroll_into_view_if_needed()
    number = drawing.locator("text").nth(1).bounding_box()
    left = drawing.bounding_box()
    assert number and left
    return place(drawing, number["x"] - left["x"] + 5 * column - 2.5, 5 * row_number - 2.5)


@pytest.mark.parametrize("network_plan", [*(plan(p.network, (28, 28, 1), 10) for p in PRESETS.values()), MANY])  # fmt: skip
def test_nothing_is_wider_than_the_screen(touched: Harness, network_plan: Plan) -> None:
    show(touched, network_plan, PHONE)
    assert touched.page.evaluate("document.documentElement.scrollWidth") == PHONE
    expect(touched.page.locator(".strip .stage")).to_have_count(0)
    cut = "(boxes) => boxes.filter((box) => box.scrollWidth > box.clientWidth + 1).length"
    for part in (".prediction", ".row-head", ".legend-line", ".words"):
        assert touched.page.locator(part).evaluate_all(cut) == 0, part


def test_the_prediction_stays_in_view(touched: Harness, shown: Picture) -> None:
    probabilities = forward(STARTER, shown.weights, shown.image[None])["softmax"][0]
    prediction = touched.page.locator(".prediction")
    for title in ("Input", "Convolution 2", "Softmax"):
        row(touched, title).evaluate("(row) => row.scrollIntoView({ block: 'center' })")
        area = prediction.bounding_box()
        assert area and 0 <= area["y"] < area["y"] + area["height"] <= HEIGHT / 8, title
    first = sorted(prediction.get_by_role("button").all(), key=order)[-3:]
    names = [button.locator("span").first.inner_text() for button in first]
    assert names[:2] == [CLASSES[at] for at in np.argsort(-probabilities)[:2]]
    assert CLASSES[1] in names  # the actual class
    shares = [read_number(button.locator(".amount").inner_text().split("%")[0]) for button in first]
    expected = [100 * probabilities[CLASSES.index(name)] for name in names]
    assert shares == pytest.approx(expected, abs=0.051)


def order(button: Locator) -> int:
    """Hidden ones first."""
    return int(button.evaluate("(button) => button.hidden ? -1 : Number(button.style.order)"))


def test_a_tap_opens_the_sheet_which_can_be_closed(touched: Harness, shown: Picture) -> None:
    page = touched.page
    sheet = page.get_by_role("region", name="The arithmetic of the chosen number")
    expect(page.locator(".dock")).to_be_hidden()
    page.touchscreen.tap(*second_map(touched, 5, 7))
    expect(sheet).to_be_visible()
    expect(sheet).to_be_focused()
    title, _, number = sheet.locator("h2").inner_text().partition(" = ")
    assert title == "Convolution 2, map 2, row 5, column 7"
    check_number(number, value(shown, "convolution_2", 4, 6, 1))
    dock = page.locator(".dock").bounding_box()
    chosen = row(touched, "Convolution 2").bounding_box()
    assert dock and chosen
    assert dock["height"] <= HEIGHT / 2 and dock["y"] + dock["height"] == HEIGHT
    assert chosen["y"] + chosen["height"] <= dock["y"]  # what was tapped is not covered
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="Show the arithmetic").tap()
    expect(sheet).to_be_visible()
    page.get_by_role("button", name="Close the receipt").tap()
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="Show the arithmetic").tap()
    finger = Finger(touched)
    x, y = place(page.locator(".readout"), 100, 10)
    finger.put(x, y)
    for step in (15, 40, 70):
        finger.move(x, y + step)
    finger.lift()
    expect(sheet).to_be_hidden()
    expect(row(touched, "Convolution 2").locator(".receptive-field .own")).to_have_count(1)


def test_a_key_chooses_without_opening_the_sheet(touched: Harness, shown: Picture) -> None:
    page = touched.page
    page.touchscreen.tap(*second_map(touched, 5, 7))
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".readout")).to_contain_text("row 5, column 8")
    expect(page.locator(".dock .body")).to_be_hidden()


def test_outlines_and_bars_are_those_of_the_chosen_number(touched: Harness, shown: Picture) -> None:
    touched.page.touchscreen.tap(*second_map(touched, 5, 7))
    # Rows 5 to 7 and columns 7 to 9 of 13, at 4 pixels a cell.
    boxes = row(touched, "Max pooling 1").locator(".receptive-field rect")
    expect(boxes).to_have_count(4)
    sides = boxes.first.evaluate(
        "(box) => ['x', 'y', 'width', 'height'].map((name) => +box.getAttribute(name))"
    )
    assert sides == [24, 16, 12, 12]
    kernel = STARTER.split(shown.weights)["convolution_2/kernel"][..., 1]
    values = forward(STARTER, shown.weights, shown.image[None])["pooling_1"][0]
    parts = (kernel * values[4:7, 6:9]).sum(axis=(0, 1))
    bars = row(touched, "Max pooling 1").locator(".contributions rect")
    drawn = bars.evaluate_all(
        "(bars) => bars.map((bar) => [bar.classList[0], +bar.getAttribute('width')])"
    )
    strongest = np.argsort(-np.abs(parts), kind="stable")
    assert [sign for sign, _ in drawn] == [
        "raises" if parts[at] >= 0 else "lowers" for at in strongest
    ]
    widths = [max(1.0, 34 * float(abs(parts[at] / parts[strongest[0]]))) for at in strongest]
    assert [width for _, width in drawn] == pytest.approx(widths, abs=0.01)


def test_the_magnifier_shows_the_number_under_the_finger(touched: Harness, shown: Picture) -> None:
    page, finger = touched.page, Finger(touched)
    lens = page.locator(".lens")
    x, y = second_map(touched, 5, 7)
    finger.put(x, y)
    expect(lens).to_be_hidden()
    touched.wait(HOLD)
    expect(lens).to_contain_text("Convolution 2, map 2, row 5, column 7: ")
    area = lens.bounding_box()
    assert area and area["y"] + area["height"] < y and area["x"] >= 0
    finger.move(x + 10, y)
    finger.move(x + 15, y - 10)  # three cells to the right, two up
    expect(lens).to_contain_text("row 3, column 10: ")
    number = lens.inner_text().split(": ")[1]
    check_number(number, value(shown, "convolution_2", 2, 9, 1))
    finger.lift()
    expect(lens).to_be_hidden()
    expect(page.locator(".receipt h2")).to_contain_text("Convolution 2, map 2, row 3, column 10 = ")


def test_a_swipe_scrolls_the_row_and_chooses_nothing(touched: Harness, shown: Picture) -> None:
    finger = Finger(touched)
    x, y = second_map(touched, 5, 7)
    finger.put(x + 150, y)
    for step in range(20, 160, 20):
        finger.move(x + 150 - step, y)
    touched.wait(HOLD)
    expect(touched.page.locator(".lens")).to_be_hidden()
    finger.lift()
    swipe = row(touched, "Convolution 2").locator(".swipe")
    touched.page.wait_for_function(
        "(swipe) => swipe.scrollLeft > 50", arg=swipe.element_handle(), polling=50
    )
    expect(touched.page.locator(".receipt")).to_have_count(0)


def test_a_tablet_has_the_magnifier_on_the_overview(touched: Harness) -> None:
    picture = show(touched, STARTER, TABLET)
    title = touched.page.locator(".glance .title", has_text=re.compile("^Conv.* 1")).bounding_box()
    assert title
    finger = Finger(touched)
    finger.put(title["x"] + title["width"] / 2 + 10, title["y"] + 200)
    touched.wait(HOLD)
    words = touched.page.locator(".lens").inner_text()
    found = re.search(r"Max pooling 1, map (\d+), row (\d+), column (\d+): (\S+)", words)
    assert found, words
    channel, line, column = (int(part) - 1 for part in found.groups()[:3])
    check_number(found[4], value(picture, "pooling_1", line, column, channel))
    finger.lift()
    expect(touched.page.locator(".receipt h2")).to_contain_text(words.split(":")[0].strip())


def test_the_kernel_slides_over_its_row(touched: Harness, shown: Picture) -> None:
    page = touched.page
    page.touchscreen.tap(*second_map(touched, 5, 7))
    page.get_by_role("button", name="Move the window over the whole map").tap()
    touched.wait(3 * 220)  # three cells at medium speed, from the first one
    assert filled(touched) == 4
    row(touched, "Max pooling 1").locator(".drawing").tap(position={"x": 20, "y": 20})
    expect(page.locator(".receipt h2")).to_contain_text("Max pooling 1, map 1")
    assert filled(touched) == 121


def filled(half: Harness) -> int:
    """How many cells of the second map of the second convolution have a color: 1 pixel a cell, 13 from map to map."""
    picture = row(half, "Convolution 2").locator("canvas").first
    return int(
        picture.evaluate(
            "(picture) => picture.getContext('2d').getImageData(13, 0, 11, 11).data.filter((part, at) => at % 4 === 3 && part).length"
        )
    )
