"""The last lesson in a browser: another network by a click, and a window's prediction."""

import re
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page, expect

from cnn.inspection.forward import probabilities
from cnn.ui.common import formatting
from cnn.ui.state import services
from tests.e2e.test_explanation import point, value
from tests.e2e.test_network_view import check_number

Tab = Callable[..., Page]


def test_a_network_by_a_click_and_the_answer_of_a_window(tab: Tab) -> None:
    page = tab("/Learn?lesson=beyond&image=31")
    expect(page.get_by_text("Total: 61,706 parameters")).to_be_visible()
    page.get_by_role("radio", name="AlexNet").click()
    expect(page.get_by_text("Total: 62,378,344 parameters")).to_be_visible()
    page.get_by_role("radio", name="YOLO").click()
    grid = page.locator(".heat-map .frame").last
    expect(grid).to_be_visible()
    run = services.run_store().run(services.EXAMPLE_RUN)
    network, data = services.run_plan(run), services.chosen(run.job.data)
    weights = services.weights(run.id, run.last_epoch)
    # The first window is the chosen item alone, the others are beside it.
    item, black = data.dataset.images[31], np.zeros((28, 28, 1), np.uint8)
    first, nothing = probabilities(network, weights, np.stack([item, black]))
    point(grid, 8, 0, 0)
    readout = page.locator(".heat-map .readout")
    expect(readout).to_have_text(re.compile(r"^Cell 1, 1 sees rows 1–28, columns 1–28:"))
    check_number(value(readout.inner_text(), "class"), float(first.max()))
    expect(readout).to_have_text(re.compile(f"prediction: {data.classes[first.argmax()]}$"))
    facts = page.locator(".heat-map .facts li")
    expect(facts).to_have_count(1)
    page.get_by_text("One of the ten classes", exact=True).click()
    expect(facts).to_have_count(2)
    expect(facts.last).to_contain_text(f"nothing in it: {data.classes[nothing.argmax()]}")
    expect(facts.last).to_contain_text(formatting.percent(float(nothing.max())))
    page.get_by_role("slider", name="Items").press("ArrowLeft")
    expect(page).to_have_url(re.compile("garments-3"))
