"""Why this class, under a real pointer: what is shown is what the network computes."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from cnn.inspection.explain.attribution import Gradients, attribution
from cnn.inspection.explain.occlusion import Occlusion, occlusion
from cnn.inspection.explain.target import Target
from cnn.ui.state import services
from tests.e2e.choosing import choose
from tests.e2e.reading import check_number

Tab = Callable[..., Page]

IMAGE = 31
BAG = Target(8)


@pytest.fixture(scope="module")
def exact() -> tuple[Gradients, Occlusion]:
    """What the panel should show of the image at first."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    image = services.chosen(run.job.data).dataset.images[IMAGE]
    asked = (services.run_plan(run), services.weights(run.id, run.last_epoch), image)
    return attribution(*asked, BAG, 64, "activation_2"), occlusion(*asked, 4)


def opened(tab: Tab, **more: object) -> Page:
    page = tab(f"/Inspect?image={IMAGE}", **more)
    page.get_by_text("Why this class?", exact=True).first.click()
    expect(page.locator(".heat-map .card")).to_have_count(4)
    return page


def card(page: Page, title: str) -> Locator:
    heading = page.get_by_role("heading", name=title, exact=True)
    return page.locator(".heat-map .card").filter(has=heading)


def point(frame: Locator, cells: int, row: int, column: int) -> None:
    """Point at the middle of a cell of a square picture of so many cells a side."""
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box
    cell = box["width"] / cells
    frame.hover(position={"x": (column + 0.5) * cell, "y": (row + 0.5) * cell})


def value(readout: str, measure: str) -> str:
    found = re.search(rf"{measure} (\S+)", readout)
    assert found, readout
    return found[1]


def test_a_place_pointed_at_in_one_map_is_described_in_all(
    tab: Tab, exact: tuple[Gradients, Occlusion]
) -> None:
    page, (gradients, hidden) = opened(tab), exact
    drops = hidden.drops(BAG)
    row, column = np.unravel_index(drops.argmax(), drops.shape)
    # Two squares are as near to a pixel: the first of them, one up and left, has its color.
    point(card(page, "Occlusion").locator(".frame").last, 28, row + 2, column + 2)
    readout = card(page, "Occlusion").locator(".readout").inner_text()
    assert readout.startswith(f"Rows {row + 1}–{row + 4}, columns {column + 1}–{column + 4}:")
    check_number(value(readout, "falls by"), float(drops.max()))
    answer = services.chosen(services.run_store().run(services.EXAMPLE_RUN).job.data).classes
    assert hidden.changes[row, column]
    assert readout.endswith(f"the prediction becomes {answer[hidden.answers[row, column]]}")

    readout = card(page, "Gradient saliency").locator(".readout").inner_text()
    assert readout.startswith(f"Row {row + 3}, column {column + 3}:")
    check_number(value(readout, "slope"), float(gradients.saliency[row + 2, column + 2]))
    check_number(value(readout, "signed"), float(gradients.gradient[row + 2, column + 2, 0]))
    readout = card(page, "Integrated gradients").locator(".readout").inner_text()
    check_number(value(readout, "adds"), float(gradients.integrated[row + 2, column + 2]))
    expect(page.locator(".heat-map .outline[visibility=visible]")).to_have_count(9)
    expect(page.locator(".heat-map .mark")).to_have_count(int(hidden.changes.sum()))


def test_grad_cam_has_its_own_grid_and_lies_where_its_cells_look(
    tab: Tab, exact: tuple[Gradients, Occlusion]
) -> None:
    page, cam = opened(tab), exact[0].cam
    assert cam is not None
    found = card(page, "Grad-CAM")
    row, column = (int(at) for at in np.unravel_index(cam.argmax(), cam.shape))
    point(found.locator(".frame").last, 11, row, column)
    readout = found.locator(".readout").inner_text()
    # A unit of the second convolution sees 8 x 8 pixels, every other pixel.
    top, left = 2 * row, 2 * column
    assert readout.startswith(
        f"Cell {row + 1}, {column + 1} sees rows {top + 1}–{top + 8}, columns {left + 1}–{left + 8}:"
    )
    check_number(value(readout, "sum"), float(cam.max()))
    outline = found.locator(".outline").nth(1)
    placed = [float(outline.get_attribute(name) or -1) for name in ("x", "y", "width", "height")]
    assert placed == [left, top, 8, 8]
    point(found.locator(".frame").nth(1), 28, top + 4, left + 4)
    expect(found.locator(".readout")).to_have_text(
        re.compile(rf"^Cell {row + 1}, {column + 1} sees")
    )
    expect(found.locator(".dot")).to_have_count(121)


def test_the_keyboard_walks_over_a_map(tab: Tab, exact: tuple[Gradients, Occlusion]) -> None:
    page, gradients = opened(tab), exact[0]
    found = card(page, "Integrated gradients")
    frame = found.locator(".frame").last
    frame.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    readout = found.get_by_role("status").inner_text()
    assert readout.startswith("Row 16, column 13:")
    check_number(value(readout, "adds"), float(gradients.integrated[15, 12]))
    assert "All pixels together" in (frame.get_attribute("aria-label") or "")


def test_another_class_is_explained_when_it_is_chosen(tab: Tab) -> None:
    page = opened(tab)
    choose(page, "Explain the logit of", "Shirt")
    expect(card(page, "Gradient saliency")).to_contain_text("the logit of Shirt changes")
    expect(page.get_by_text("The network's prediction is Bag")).to_be_visible()


def test_two_classes_are_compared(tab: Tab) -> None:
    page = opened(tab)
    choose(page, "Compared with", "Shirt")
    adds = card(page, "Integrated gradients").locator(".legend")
    expect(adds).to_contain_text("raises Shirt over Bag")
    expect(adds).to_contain_text("raises Bag over Shirt")
    expect(card(page, "Gradient saliency")).to_contain_text("logit(Bag) − logit(Shirt) changes")


def test_a_phone_shows_one_map_under_the_other_and_none_beyond_its_edge(tab: Tab) -> None:
    page = opened(tab, width=390)
    boxes = [page.locator(".heat-map .card").nth(at).bounding_box() for at in range(4)]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    assert len({round(box["x"]) for box in boxes if box}) == 1
