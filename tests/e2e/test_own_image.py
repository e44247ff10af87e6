"""The drawing pad under a real pointer and real keys: what is drawn is what the network reads."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from cnn.data.dataset import DataChoice, Dataset
from cnn.data.store import DatasetStore
from cnn.network.plan import plan
from cnn.network.spec import ConvolutionBlock, Network
from cnn.training.events import EpochEnd
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Run
from cnn.training.store import RunStore
from cnn.ui import services
from cnn.ui.address import DEFAULT_DATA
from tests.e2e.pixels import colours
from tests.e2e.server import Server
from tests.strategies import random_weights

Tab = Callable[..., Page]
Pixels = NDArray[np.uint8]

COLOURED = Network((ConvolutionBlock(2, 3),), "global_average")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, with a run on colour images of 12 × 12 beside the shipped one."""
    home = tmp_path_factory.mktemp("server")
    images = np.random.default_rng(1).integers(0, 256, (40, 12, 12, 3), dtype=np.uint8)
    labels = np.arange(40) % 2
    DatasetStore(home / "datasets").add(
        Dataset("Speckles", "speckles-1", images, labels, ("Even", "Odd"), "Random.")
    )
    job = Job(COLOURED, DataChoice("speckles-1"), Settings((Phase(1, 0.001),)))
    run = Run("coloured", job, "done", "", 1.0, 1.0)
    store = RunStore(home / "runs")
    store.save(run)
    weights = random_weights(plan(COLOURED, (12, 12, 3), 2), 4)
    store.save(store.save_epoch(run, EpochEnd(0, 0.7, 0.5, 0.7, 0.5, 0.001, 1, weights, b"")))
    made = Server(home)
    yield made
    made.stop()


def painted(picture: Locator) -> Pixels:
    """What is in a picture: (height, width) where it is grey, (height, width, 3) in colour."""
    pixels = colours(picture)[..., :3]
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


def open_pad(tab: Tab, address: str = "/Inspect?image=31", **settings: object) -> Page:
    page = tab(address, **settings)
    if page.viewport_size and page.viewport_size["width"] < 640:  # the sidebar covers all else
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("radio", name="Draw", exact=True).click()
    expect(pad(page)).to_be_visible()
    expect(page.get_by_text("Your drawing through the network")).to_have_count(1)
    return page


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


@pytest.mark.parametrize("width", [1400, 390])
def test_a_stroke_goes_through_the_network_while_it_is_drawn(tab: Tab, width: int) -> None:
    page = open_pad(tab, width=width)
    wait_for_network(page, np.zeros((28, 28), np.uint8))
    tool(page, "1")
    expected = np.zeros((28, 28), np.uint8)
    pad(page).scroll_into_view_if_needed()
    pad(page).evaluate("canvas => canvas.dataset.mark = 'the same'")
    to_cell(page, 5, 5)
    page.mouse.down()
    to_cell(page, 5, 20)
    expected[5, 5:21] = 255
    wait_for_network(page, expected)  # the button is still down
    to_cell(page, 15, 20)
    page.mouse.up()
    expected[5:16, 20] = 255
    wait_for_network(page, expected)
    assert np.array_equal(drawn(page), expected)
    expect(page.get_by_text("26 of 784 cells are not black")).to_be_visible()
    expect(page.get_by_text("Your drawing through the network")).to_be_visible()
    assert pad(page).get_attribute("data-mark") == "the same"  # runs of the page left it alone


def test_erase_fill_clear_and_undo(tab: Tab) -> None:
    page = open_pad(tab)
    tool(page, "1")
    stroke(page, (4, 4), (4, 12), (12, 12), (12, 4), (4, 4))
    box = np.zeros((28, 28), np.uint8)
    box[4:13, 4:13] = 255
    box[5:12, 5:12] = 0
    wait_for_network(page, box)

    tool(page, "Fill")
    stroke(page, (8, 8))
    filled = box.copy()
    filled[4:13, 4:13] = 255
    wait_for_network(page, filled)

    tool(page, "Erase")
    stroke(page, (4, 4), (4, 8))
    erased = filled.copy()
    erased[4, 4:9] = 0
    wait_for_network(page, erased)

    tool(page, "Clear")
    wait_for_network(page, np.zeros((28, 28), np.uint8))
    for before in (erased, filled, box):
        tool(page, "Undo")
        wait_for_network(page, before)
        assert np.array_equal(drawn(page), before)


def test_a_wider_brush_has_soft_edges_that_crossing_does_not_harden(tab: Tab) -> None:
    page = open_pad(tab)
    tool(page, "2")
    stroke(page, (10, 5), (10, 20), (10, 5))
    pixels = drawn(page)
    assert (pixels[10, 5:21] == 255).all()
    assert (np.abs(pixels[[9, 11], 6:20].astype(int) - 128) <= 4).all()
    assert not pixels[[8, 12]].any()
    wait_for_network(page, pixels)


def test_the_pad_is_painted_by_keys(tab: Tab) -> None:
    page = open_pad(tab)
    tool(page, "1")
    pad(page).focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft", "Space", "ArrowDown", "Space"):
        pad(page).press(key)
    expected = np.zeros((28, 28), np.uint8)
    expected[12:14, 13] = 255  # from the cell in the middle, row 15 and column 15
    wait_for_network(page, expected)
    expect(page.get_by_text("Row 14, column 14: 255")).to_be_visible()
    pad(page).press("Delete")
    expected[13, 13] = 0
    wait_for_network(page, expected)
    pad(page).press("Control+z")
    expected[13, 13] = 255
    wait_for_network(page, expected)
    for _ in range(40):  # the border holds
        pad(page).press("ArrowRight")
    expect(page.get_by_text("Row 14, column 28: 0")).to_be_visible()


def test_a_test_image_can_be_drawn_on_and_is_there_after_another_page(tab: Tab) -> None:
    page = open_pad(tab)
    image = services.chosen(DEFAULT_DATA).dataset.images[31, ..., 0]
    page.get_by_role("button", name="Start from image 31").click()
    wait_for_network(page, image)
    tool(page, "1")
    stroke(page, (2, 2))
    changed = image.copy()
    changed[2, 2] = 255
    wait_for_network(page, changed)
    navigation = page.get_by_test_id("stSidebarNav")
    navigation.get_by_role("link", name="Data", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Data")).to_be_visible()
    navigation.get_by_role("link", name="Inspect", exact=True).click()
    expect(pad(page)).to_be_visible()
    wait_for_network(page, changed)
    assert np.array_equal(drawn(page), changed)
    page.get_by_role("button", name="Start from image 31").click()
    wait_for_network(page, image)
    tool(page, "Undo")
    wait_for_network(page, changed)


def test_colour_images_are_drawn_in_colour(tab: Tab) -> None:
    page = open_pad(tab, "/Inspect?run=coloured")
    tool(page, "1")
    page.locator(".drawing-pad input[type=color]").fill("#ff8001")
    stroke(page, (3, 2), (3, 7))
    expected = np.zeros((12, 12, 3), np.uint8)
    expected[3, 2:8] = (255, 128, 1)
    wait_for_network(page, expected)
    assert np.array_equal(drawn(page), expected)


def test_sliders_shift_the_image_and_tell_where_the_decision_flips(tab: Tab) -> None:
    page = tab("/Inspect?image=31")
    expect(page.get_by_text("Image 31, Bag through the network")).to_be_visible()
    page.get_by_text("Shift, turn, hide, add noise").click()
    slider = page.get_by_role("slider", name="Pixels to the right")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    expect(page.get_by_text("Image 31, Bag, shifted 3 right through the network")).to_be_visible()
    image = services.chosen(DEFAULT_DATA).dataset.images[31, ..., 0]
    shifted = np.zeros_like(image)
    shifted[:, 3:] = image[:, :-3]
    wait_for_network(page, shifted)
    expect(page.get_by_text(re.compile("it is taken for|it stays")).first).to_be_visible()
    chart = page.get_by_test_id("stVegaLiteChart").first
    expect(chart).to_have_attribute("aria-label", re.compile("pixels to the right"))
    page.get_by_role("button", name="As it was").click()
    expect(page.get_by_text("Image 31, Bag through the network")).to_be_visible()
    wait_for_network(page, image)
