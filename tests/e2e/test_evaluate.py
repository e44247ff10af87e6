"""Evaluate under a real pointer and keyboard: from a cell to its images, from an image to Inspect."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Tab = Callable[..., Page]


def test_a_cell_shows_its_images_and_a_click_on_one_leads_into_the_network(tab: Tab) -> None:
    page = tab("/Evaluate")
    cell = page.get_by_role("button", name=re.compile("^Shirt mistaken for T-shirt.top: "))
    label = cell.get_attribute("aria-label") or ""
    [count] = re.findall(r": (\d+) of", label)
    cell.click()
    expect(
        page.get_by_role("heading", name=re.compile("^Shirt mistaken for T-shirt.top"))
    ).to_be_visible()
    expect(cell).to_have_attribute("aria-pressed", "true")
    images = page.get_by_role("button", name=re.compile("^Image .* T-shirt.top .* actually Shirt"))
    expect(images).to_have_count(min(24, int(count)))
    cell.press("ArrowRight")
    beside = page.get_by_role("button", name=re.compile(r"^Shirt mistaken for Trouser: "))
    expect(beside).to_be_focused()
    number = re.findall(r"^Image (\d+)", images.nth(1).get_attribute("aria-label") or "")[0]
    images.nth(1).click()
    expect(page.get_by_role("heading", level=1, name="Inspect")).to_be_visible()
    expect(page.get_by_text(re.compile(f"^Image {number}, Shirt through"))).to_be_visible()


def test_a_narrow_screen_holds_the_matrix_and_the_galleries(tab: Tab) -> None:
    page = tab("/Evaluate", width=390)
    cells = page.locator(".confusion-matrix button")
    expect(cells).to_have_count(100)
    expect(page.locator(".patches button")).to_have_count(24)
    for area in (cells.last.bounding_box(), page.locator(".patches button").nth(2).bounding_box()):
        assert area and area["x"] >= 0 and area["x"] + area["width"] <= 390


def test_from_a_confusion_to_the_experiment_that_asks_what_would_help(tab: Tab) -> None:
    page = tab("/Evaluate")
    page.get_by_role("button", name=re.compile("^Shirt mistaken for T-shirt.top: ")).click()
    expect(
        page.get_by_role("heading", name=re.compile("^Shirt mistaken for T-shirt.top"))
    ).to_be_visible()
    page.get_by_role("button", name="Try other settings").click()
    expect(page.get_by_role("heading", level=1, name="Experiments")).to_be_visible()
    expect(page.get_by_role("radio", name="The current run")).to_be_checked()
    expect(page.get_by_text("10 runs: 2 combinations, each with 5 seeds")).to_be_visible()


def test_a_healthy_run_shows_its_checks_and_its_gradients(tab: Tab) -> None:
    page = tab("/Evaluate")
    main = page.get_by_test_id("stMain")
    main.get_by_role("radio", name="Health").click()
    expect(main.get_by_text(re.compile("applicable checks passed"))).to_be_visible()
    main.get_by_text("Gradient size per layer and epoch").click()
    expect(main.get_by_test_id("stVegaLiteChart").locator("svg, canvas").first).to_be_visible()
