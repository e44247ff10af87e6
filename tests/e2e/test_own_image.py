"""The drawing pad under a real pointer and real keys: what is drawn is what the network reads."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, expect

from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA
from tests.e2e.network import show_every_layer
from tests.e2e.pixels import colors
from tests.e2e.server import Server

Tab = Callable[..., Page]
Pixels = NDArray[np.uint8]


def painted(picture: Locator) -> Pixels:
    """What is in a picture: (height, width) where it is gray, (height, width, 3) in color."""
    pixels = colors(picture)[..., :3]
    return pixels[..., 0] if (pixels == pixels[..., :1]).all() else pixels


def pad(page: Page) -> Locator:
    return page.get_by_role("application", name=re.compile("^Drawing pad"))


def drawn(page: Page) -> Pixels:
    """The pad's pixels."""
    return painted(pad(page))


def read_by_network(page: Page) -> Pixels:
    """The pixels of the network view's input."""
    heading = page.get_by_role("heading", name="Input", exact=True)
    stage = page.locator(".network-view section.stage").filter(has=heading)
    return painted(stage.locator(".tiles img").first)


def wait_for_network(page: Page, pixels: Pixels) -> None:
    """Until the network view's input is these pixels."""
    for _ in range(200):
        if np.array_equal(read_by_network(page), pixels):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"The input is not as drawn:\n{read_by_network(page)}")


def choose_pad(page: Page) -> Page:
    """Draw the image on an open Inspect page."""
    page.get_by_role("radio", name="Draw", exact=True).click()
    expect(pad(page)).to_be_visible()
    expect(page.get_by_text("Your drawing through the network")).to_have_count(1)
    show_every_layer(page)
    return page


@pytest.fixture(scope="module")
def desk(chromium: Browser, server: Server) -> Iterator[Page]:
    """A page with a pad that several tests draw on, one after another."""
    faults: list[str] = []
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{server.url}/Inspect?image=31")
    yield choose_pad(page)
    context.close()
    assert not faults


@pytest.fixture
def board(desk: Page) -> Page:
    """The page with its pad wiped clean and the finest brush in hand."""
    tool(desk, "Clear")
    wait_for_network(desk, np.zeros((28, 28), np.uint8))
    tool(desk, "1")
    return desk


def tool(page: Page, name: str) -> None:
    button = page.locator(".drawing-pad").get_by_role("button", name=name, exact=True)
    button.click()


def to_cell(page: Page, row: int, column: int) -> None:
    box = pad(page).bounding_box()
    assert box
    side = box["width"] / int(pad(page).get_attribute("width") or 0)
    page.mouse.move(box["x"] + (column + 0.5) * side, box["y"] + (row + 0.5) * side, steps=4)


def stroke(page: Page, *cells: tuple[int, int]) -> None:
    """Draw along the middles of cells."""
    pad(page).scroll_into_view_if_needed()
    to_cell(page, *cells[0])
    page.mouse.down()
    for cell in cells[1:]:
        to_cell(page, *cell)
    page.mouse.up()


def test_a_stroke_goes_through_the_network_while_it_is_drawn(board: Page) -> None:
    expected = np.zeros((28, 28), np.uint8)
    pad(board).scroll_into_view_if_needed()
    pad(board).evaluate("canvas => canvas.dataset.mark = 'the same'")
    to_cell(board, 5, 5)
    board.mouse.down()
    to_cell(board, 5, 20)
    expected[5, 5:21] = 255
    wait_for_network(board, expected)  # the button is still down
    to_cell(board, 15, 20)
    board.mouse.up()
    expected[5:16, 20] = 255
    wait_for_network(board, expected)
    assert np.array_equal(drawn(board), expected)
    expect(board.get_by_text("26 of 784 cells are not black")).to_be_visible()
    assert pad(board).get_attribute("data-mark") == "the same"  # runs of the page left it alone


def test_erase_fill_clear_and_undo(board: Page) -> None:
    stroke(board, (4, 4), (4, 12), (12, 12), (12, 4), (4, 4))
    box = np.zeros((28, 28), np.uint8)
    box[4:13, 4:13] = 255
    box[5:12, 5:12] = 0
    wait_for_network(board, box)

    tool(board, "Fill")
    stroke(board, (8, 8))
    filled = box.copy()
    filled[4:13, 4:13] = 255
    assert np.array_equal(drawn(board), filled)

    tool(board, "Erase")
    stroke(board, (4, 4), (4, 8))
    erased = filled.copy()
    erased[4, 4:9] = 0
    wait_for_network(board, erased)

    tool(board, "Clear")
    assert not drawn(board).any()
    for before in (erased, filled, box):
        tool(board, "Undo")
        assert np.array_equal(drawn(board), before)
    wait_for_network(board, box)
    tool(board, "Draw")


def test_a_wider_brush_has_soft_edges_that_crossing_does_not_harden(board: Page) -> None:
    tool(board, "2")
    stroke(board, (10, 5), (10, 20), (10, 5))
    pixels = drawn(board)
    assert (pixels[10, 5:21] == 255).all()
    assert (np.abs(pixels[[9, 11], 6:20].astype(int) - 128) <= 4).all()
    assert not pixels[[8, 12]].any()
    wait_for_network(board, pixels)


def test_the_pad_is_painted_by_keys(board: Page) -> None:
    pad(board).focus()
    for _ in range(28):  # the border holds
        pad(board).press("ArrowLeft")
    for _ in range(28):
        pad(board).press("ArrowUp")
    for key in ("ArrowDown", "ArrowRight", "Space", "ArrowDown", "Space"):
        pad(board).press(key)
    expected = np.zeros((28, 28), np.uint8)
    expected[1:3, 1] = 255
    wait_for_network(board, expected)
    expect(board.get_by_text("Row 3, column 2: 255")).to_be_visible()
    pad(board).press("Delete")
    expected[2, 1] = 0
    wait_for_network(board, expected)
    pad(board).press("Control+z")
    expected[2, 1] = 255
    wait_for_network(board, expected)


def test_a_test_image_is_drawn_on_and_shifted_and_is_there_after_another_page(tab: Tab) -> None:
    page = choose_pad(tab("/Inspect?image=31"))
    image = services.chosen(DEFAULT_DATA).dataset.images[31, ..., 0]
    page.get_by_role("button", name="Start from image 31").click()
    wait_for_network(page, image)
    tool(page, "1")
    stroke(page, (2, 2))
    changed = image.copy()
    changed[2, 2] = 255
    wait_for_network(page, changed)

    page.get_by_role("radio", name="Change the image").click()
    slider = page.get_by_role("slider", name="Pixels to the right")
    for _ in range(3):
        slider.press("ArrowRight")
    shifted = np.zeros_like(changed)
    shifted[:, 3:] = changed[:, :-3]
    wait_for_network(page, shifted)
    chart = page.get_by_test_id("stVegaLiteChart").first
    expect(chart).to_have_attribute("aria-label", re.compile("pixels to the right"))

    navigation = page.get_by_test_id("stSidebarNav")
    navigation.get_by_role("link", name="Data", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Data")).to_be_visible()
    navigation.get_by_role("link", name="Inspect", exact=True).click()
    expect(pad(page)).to_be_visible()
    show_every_layer(page)
    wait_for_network(page, shifted)
    assert np.array_equal(drawn(page), changed)
    page.get_by_role("button", name="Reset the image").click()
    wait_for_network(page, changed)
    page.get_by_role("button", name="Start from image 31").click()
    wait_for_network(page, image)
    tool(page, "Undo")
    wait_for_network(page, changed)


def test_color_images_are_drawn_in_color_on_a_phone(tab: Tab) -> None:
    page = tab("/Inspect?run=colored", width=390)
    choose_pad(page)
    tool(page, "1")
    page.locator(".drawing-pad input[type=color]").fill("#ff8001")
    stroke(page, (3, 2), (3, 7))
    expected = np.zeros((12, 12, 3), np.uint8)
    expected[3, 2:8] = (255, 128, 1)
    wait_for_network(page, expected)
    assert np.array_equal(drawn(page), expected)
