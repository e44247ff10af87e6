"""The network view by keyboard alone, and the sweep."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from cnn.inspection.forward import forward
from cnn.inspection.units import Unit, from_text, to_text
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.ui.common import formatting
from cnn.ui.components.network_message import Picture, message
from tests.e2e.component import Harness
from tests.e2e.pixels import colors
from tests.e2e.reading import read_number
from tests.strategies import random_images, random_weights

ARTICLES = plan(ARTICLE, (28, 28, 1), 10)
CLASSES = tuple(f"class {at}" for at in range(10))
WEIGHTS, IMAGE = random_weights(ARTICLES, 3), random_images(ARTICLES, 3)[0]
OUTPUTS = {name: out[0] for name, out in forward(ARTICLES, WEIGHTS, IMAGE[None]).items()}
START = Unit("convolution_2", 2, 4, 6)


@pytest.fixture
def strip(browser_half: Harness) -> Locator:
    """The strip of layers with the keyboard's focus; one cell is chosen."""
    browser_half.open()
    browser_half.show(message(Picture(ARTICLES, WEIGHTS, IMAGE, CLASSES, selected=START))[0])
    found = browser_half.page.locator(".strip")
    found.focus()
    return found


def chosen(strip: Locator) -> tuple[str, float]:
    """The title of the receipt and the value in it."""
    title, _, value = strip.page.locator(".receipt h2").first.inner_text().partition(" = ")
    return title, read_number(value)


def expect_chosen(strip: Locator, unit: Unit) -> None:
    layer = formatting.layer_title(ARTICLES.layer(unit.layer)) if unit.layer != "image" else "Input"
    where = f"{layer}, map {unit.channel + 1}, " if unit.layer != "image" else "Input, "
    if unit.row is None:
        of_class = unit.layer in ("logits", "softmax")
        where = f"{layer}, {CLASSES[unit.channel] if of_class else f'unit {unit.channel + 1}'}"
    else:
        assert unit.column is not None
        where += f"row {unit.row + 1}, column {unit.column + 1}"
    title, value = chosen(strip)
    assert title == where
    assert value == pytest.approx(OUTPUTS[unit.layer][unit.place], rel=2e-6, abs=1e-6)


def sent_units(half: Harness) -> list[Any]:
    """What was sent to Python once the keys rest."""
    half.wait(1000)
    assert {event for event, _ in half.sent} == {"unit"}
    return [value for _, value in half.sent]


def test_keys_move_the_cell_the_map_and_the_layer(browser_half: Harness, strip: Locator) -> None:
    expect_chosen(strip, START)
    for key, unit in [
        ("ArrowRight", Unit("convolution_2", 2, 4, 7)),
        ("ArrowDown", Unit("convolution_2", 2, 5, 7)),
        ("ArrowLeft", Unit("convolution_2", 2, 5, 6)),
        ("ArrowUp", Unit("convolution_2", 2, 4, 6)),
        ("PageDown", Unit("convolution_2", 3, 4, 6)),
        ("PageUp", Unit("convolution_2", 2, 4, 6)),
        ("PageUp", Unit("convolution_2", 1, 4, 6)),
        ("Shift+ArrowRight", Unit("activation_2", 1, 4, 6)),
        ("Shift+ArrowLeft", Unit("convolution_2", 1, 4, 6)),
        ("Shift+ArrowLeft", Unit("pooling_1", 1, 5, 7)),
    ]:
        strip.page.keyboard.press(key)
        expect_chosen(strip, unit)
    # The unit is sent once, where the keys come to rest.
    assert sent_units(browser_half) == ["pooling_1-map2-row6-column8"]


def test_keys_stop_at_the_edges_and_go_round_the_maps(
    browser_half: Harness, strip: Locator
) -> None:
    keys = strip.page.keyboard
    for _ in range(12):
        keys.press("ArrowLeft")
        keys.press("ArrowUp")
    expect_chosen(strip, Unit("convolution_2", 2, 0, 0))
    for _ in range(12):
        keys.press("ArrowRight")
        keys.press("ArrowDown")
    expect_chosen(strip, Unit("convolution_2", 2, 10, 10))
    for _ in range(6):
        keys.press("PageDown")
    expect_chosen(strip, Unit("convolution_2", 0, 10, 10))
    for _ in range(12):
        keys.press("Shift+ArrowRight")
    expect_chosen(strip, Unit("softmax", 9))  # through the corner's unit, the 193rd of 200
    for _ in range(3):
        keys.press("ArrowUp")
    expect_chosen(strip, Unit("softmax", 6))
    for _ in range(12):
        keys.press("Shift+ArrowLeft")
    [sent] = sent_units(browser_half)
    unit = from_text(sent, ARTICLES)
    assert unit.layer == "image" and to_text(unit, ARTICLES) == sent
    expect_chosen(strip, unit)


def test_escape_closes_the_receipt_and_an_arrow_opens_one(
    browser_half: Harness, strip: Locator
) -> None:
    strip.page.keyboard.press("Escape")
    expect(strip.page.locator(".body")).to_be_hidden()
    assert sent_units(browser_half) == ["none"]
    expect(strip.page.locator(".readout")).to_contain_text("Point at any cell")
    strip.page.keyboard.press("ArrowDown")
    expect_chosen(strip, Unit("convolution_1", 0, 0, 0))
    assert sent_units(browser_half) == ["none", "convolution_1-map1-row1-column1"]


def filled(browser_half: Harness, map: int = START.channel) -> np.ndarray[Any, Any]:
    """Which cells of the swept map, or of another one, have a color."""
    stage = browser_half.page.locator(".stage").filter(
        has=browser_half.page.get_by_role("heading", name="Convolution 2", exact=True)
    )
    return colors(stage.locator(".tiles img").nth(map))[..., 3] > 0


def test_the_sweep_fills_the_map_cell_by_cell(browser_half: Harness, strip: Locator) -> None:
    page = strip.page
    assert filled(browser_half).all()
    on, back = (page.get_by_role("button", name=f"One cell {way}") for way in ("on", "back"))
    on.click()  # a step alone hides nothing
    expect_chosen(strip, Unit("convolution_2", 2, 4, 7))
    assert filled(browser_half).all()
    strip.focus()
    page.keyboard.press(" ")
    browser_half.wait(3 * 220)  # three cells at medium speed, from the first one
    page.keyboard.press(" ")
    expect_chosen(strip, Unit("convolution_2", 2, 0, 3))
    order = np.arange(121).reshape(11, 11)
    np.testing.assert_array_equal(filled(browser_half), order <= 3)
    for _ in range(9):
        on.click()
    expect_chosen(strip, Unit("convolution_2", 2, 1, 1))
    np.testing.assert_array_equal(filled(browser_half), order <= 11 + 1)
    back.click()
    back.click()
    expect_chosen(strip, Unit("convolution_2", 2, 0, 10))
    np.testing.assert_array_equal(filled(browser_half), order < 11)
    page.get_by_role("button", name="End the sweep").click()
    assert filled(browser_half).all()
    expect_chosen(strip, Unit("convolution_2", 2, 4, 7))  # as before the sweep


def test_space_plays_the_sweep_and_pauses_it(browser_half: Harness, strip: Locator) -> None:
    page = strip.page
    order = np.arange(121).reshape(11, 11)
    page.keyboard.press(" ")
    browser_half.wait(10 * 220)  # ten cells at medium speed
    expect_chosen(strip, Unit("convolution_2", 2, 0, 10))
    np.testing.assert_array_equal(filled(browser_half), order <= 10)
    page.keyboard.press(" ")
    browser_half.wait(3000)
    expect_chosen(strip, Unit("convolution_2", 2, 0, 10))
    page.get_by_label("Speed of the sweep").select_option("fast")
    strip.focus()
    page.keyboard.press(" ")
    browser_half.wait(11 * 40)
    expect_chosen(strip, Unit("convolution_2", 2, 1, 10))
    play = page.get_by_role("button", name="Move the window over the whole map")
    expect(play).to_have_text("❚❚ Pause")
    browser_half.wait(110 * 40)  # beyond the end of the map
    expect(play).to_have_text("▶ Sweep")
    expect_chosen(strip, START)
    assert filled(browser_half).all()


def test_the_speed_is_changed_while_the_sweep_plays(browser_half: Harness, strip: Locator) -> None:
    strip.page.keyboard.press(" ")
    browser_half.wait(2 * 220)
    strip.page.get_by_label("Speed of the sweep").select_option("fast")
    browser_half.wait(12 * 40)
    expect_chosen(strip, Unit("convolution_2", 2, 1, 3))


def test_another_map_ends_the_sweep(browser_half: Harness, strip: Locator) -> None:
    strip.page.keyboard.press(" ")
    browser_half.wait(2 * 220)
    strip.page.keyboard.press(" ")
    assert not filled(browser_half).all()
    strip.page.keyboard.press("PageDown")
    expect_chosen(strip, Unit("convolution_2", 3, 0, 2))
    assert filled(browser_half).all() and filled(browser_half, 3).all()
