"""The lesson on flatten and dense layers under a real pointer."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from cnn.inspection.forward import forward
from cnn.ui.common import formatting
from cnn.ui.common.prose import significant
from cnn.ui.state import services
from tests.e2e.reading import read_number

Tab = Callable[..., Page]


@pytest.fixture(scope="module")
def outputs() -> dict[str, np.ndarray]:
    """What the example run gives for the item that the lesson starts with."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    image = data.dataset.images[services.image_number(None, data)]
    weights = services.weights(run.id, run.last_epoch)
    return forward(services.run_plan(run), weights, image[None])


def test_a_cell_that_is_clicked_is_followed_to_its_place(
    tab: Tab, outputs: dict[str, np.ndarray]
) -> None:
    page = tab("/Learn?lesson=dense")
    heading = page.locator(".receipt h2").first
    expect(heading).to_contain_text("Flatten, unit 45")
    expect(page.locator(".stage h2")).to_have_text(["Input", "Max pooling 2", "Flatten", "Dense 1"])
    third = page.get_by_role("img", name="Max pooling 2, map 3")
    box = third.bounding_box()
    assert box
    cell = box["width"] / 5
    third.click(position={"x": 3.5 * cell, "y": 0.5 * cell})  # row 1, column 4
    expect(heading).to_contain_text("Flatten, unit 27")
    expect(page.get_by_text("Position 27 holds")).to_be_visible()
    value = outputs["flatten"][0, 26]
    assert value == outputs["pooling_2"][0, 0, 3, 2]
    assert read_number(heading.inner_text().split(" = ")[1]) == pytest.approx(value, rel=1e-5)
    expect(page.get_by_text(f"Position 27 holds {significant(float(value))}")).to_be_visible()
    # The slider that now says column 4 takes the place on to column 5.
    column = page.get_by_role("slider", name="Column")
    expect(column).to_have_value("4")
    column.press("ArrowRight")
    expect(heading).to_contain_text("Flatten, unit 35")
    page.get_by_text("900", exact=True).click()
    expect(page.get_by_text(re.compile("^Correct"))).to_be_visible()


def test_a_units_contributions_add_up_and_its_parameters_are_seen_to_go(
    tab: Tab, outputs: dict[str, np.ndarray]
) -> None:
    page = tab("/Learn?lesson=dense&set=part-unit_unit-28")
    heading = page.locator(".receipt h2").first
    expect(heading).to_contain_text("Dense 1, unit 28")
    value = outputs["dense_1"][0, 27]
    assert read_number(heading.inner_text().split(" = ")[1]) == pytest.approx(value, rel=1e-5)
    for _ in range(2):
        page.get_by_role("button", name="show", exact=False).first.click()
    rows = page.locator(".terms tbody tr")
    products = [read_number(text) for text in rows.locator("td:nth-child(4)").all_inner_texts()]
    assert len(products) == 201
    assert sum(products) == pytest.approx(value, abs=0.3)  # each is rounded to two or three digits
    sizes = np.abs(products[:-1])
    assert (sizes[:-1] >= sizes[1:] - 1e-9).all()
    page.get_by_text("As maps", exact=True).click()
    expect(heading).to_contain_text(f"Convolution 3, map 1, row 1, column 1 = {value:.4f}"[:-1])
    page.get_by_text("What it costs").click()
    expect(page.get_by_text(f"Parameters: {formatting.thousands(21_446)}")).to_be_visible()
    page.get_by_text("Global average", exact=True).click()
    expect(page.get_by_text(f"Parameters: {formatting.thousands(2_246)}")).to_be_visible()
