"""What a filter looks for, under a real pointer and keyboard: its patches lead to what they show."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from cnn.inspection.forward import forward
from cnn.inspection.units import from_text
from cnn.ui.state import services
from tests.e2e.choosing import choose

Tab = Callable[..., Page]


def opened(tab: Tab, unit: str, **how: int | str) -> Page:
    page = tab(f"/Inspect?at={unit}", **how)
    page.get_by_text("What does it look for?", exact=True).click()
    expect(page.get_by_role("img", name=re.compile("^Result"))).to_be_visible()
    expect(page.get_by_text("Comparing it with the test images")).to_have_count(0)
    return page


def patch(page: Page, place: int) -> Locator:
    return page.locator(".patches button").nth(place)


@pytest.mark.parametrize("unit", ["convolution_2-map3", "dense_1-unit17"])
def test_enter_on_a_patch_leads_to_its_image_and_its_very_number(tab: Tab, unit: str) -> None:
    page = opened(tab, unit)
    expect(page.locator(".patches button")).to_have_count(24)
    chosen = patch(page, 2)
    label = chosen.get_attribute("aria-label") or ""
    [(image, value)] = re.findall(r"Image (\d+), .+, value ([−\d.]+\d)", label)
    chosen.focus()
    page.keyboard.press("Enter")
    expect(patch(page, 2)).to_have_attribute("aria-pressed", "true")
    expect(patch(page, 2)).to_be_focused()
    page.wait_for_url(re.compile(f"image={image}\\b"))
    said = parse_qs(urlparse(page.url).query)
    [at] = said["at"]
    assert at.startswith(unit)
    run = services.run_store().run(services.EXAMPLE_RUN)
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    number = int(image)
    weights = services.weights(run.id, run.last_epoch)
    outputs = forward(plan, weights, data.dataset.images[number : number + 1])
    found = from_text(at, plan)
    computed = float(outputs[found.layer][0][found.place])
    assert np.isclose(float(value.replace("−", "-")), computed, rtol=5e-3, atol=1e-3)


def test_another_filter_is_chosen_by_its_number(tab: Tab) -> None:
    page = opened(tab, "convolution_1-map1")
    before = patch(page, 0).get_attribute("aria-label") or ""
    choose(page, "Map", "4")
    page.wait_for_url(re.compile("at=convolution_1-map4"))
    expect(patch(page, 0)).not_to_have_attribute("aria-label", before)


def test_a_narrow_screen_holds_all_of_it(tab: Tab) -> None:
    page = opened(tab, "logits-unit9", width=390)
    for place in range(24):
        area = patch(page, place).bounding_box()
        assert area and area["x"] >= 0 and area["x"] + area["width"] <= 390
