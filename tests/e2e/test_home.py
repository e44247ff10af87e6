"""The guided start on the Home page, as a newcomer follows it: pick, click, change, watch."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Tab = Callable[..., Page]


def test_each_step_is_completed_by_what_the_visitor_does(tab: Tab) -> None:
    page = tab("/")
    step = page.get_by_text(re.compile(r"^Step \d of 4$"))
    expect(step).to_have_text("Step 1 of 4")
    page.get_by_role("button", name="Sandal").first.click()
    expect(step).to_have_text("Step 2 of 4")
    expect(page.locator(".glance .class-line.predicted")).to_contain_text("Sandal")
    pulse = page.locator(".glance .pulse rect").bounding_box()
    assert pulse
    page.mouse.click(pulse["x"] + pulse["width"] / 2, pulse["y"] + pulse["height"] / 2)
    expect(step).to_have_text("Step 3 of 4")
    receipt = page.locator(".receipt h2").first
    expect(receipt).to_contain_text("Convolution 1")
    before = receipt.inner_text()
    page.get_by_test_id("stDataFrame").click(position={"x": 30, "y": 60})
    page.keyboard.type("5")
    expect(page.locator(".gdg-input")).to_have_value("5")
    page.keyboard.press("Enter")
    expect(step).to_have_text("Step 4 of 4")
    expect(receipt).not_to_have_text(before)  # the same cell, another number
    page.get_by_role("button", name="Play epochs").click()
    expect(step).to_have_count(0)
    expect(page.get_by_role("link", name="Build your own")).to_be_visible()


def test_the_guided_start_is_skipped_and_resumed(tab: Tab) -> None:
    page = tab("/")
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page.get_by_text("Step 1 of 4")).to_have_count(0)
    page.get_by_role("button", name="Resume the guided start").click()
    expect(page.get_by_text("Step 1 of 4")).to_be_visible()


def test_the_network_is_complete_above_the_fold(tab: Tab) -> None:
    page = tab("/")
    drawing = page.locator(".glance .drawing")
    expect(drawing).to_be_visible()
    box = drawing.bounding_box()
    assert box and box["y"] > 0 and box["y"] + box["height"] <= 900
    sides = drawing.evaluate(
        "(child) => [child.parentElement.scrollWidth, child.parentElement.clientWidth]"
    )
    assert sides[0] <= sides[1]
