"""The lesson on convolution under a real pointer and real keys."""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from cnn import operations
from cnn.data.example import example_dataset
from cnn.inspection.classic_kernels import CLASSIC_KERNELS
from cnn.inspection.forward import scaled
from tests.e2e.reading import numbers_in, read_number

Tab = Callable[..., Page]

SHIRT = 3545
SOBEL = next(kernel for kernel in CLASSIC_KERNELS if kernel.name == "Sobel, vertical edges").sized(
    3
)


def the_map(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    image = scaled(example_dataset().images[SHIRT : SHIRT + 1])
    bias = np.zeros(1, np.float32)
    return operations.convolution(image, kernel[..., None, None], bias)[0, ..., 0]


def picture(page: Page, number: int) -> Locator:
    """The image (0), the kernel (1) or the map (2)."""
    return page.locator(".network-view .tiles img").nth(number)


def at(found: Locator, row: int, column: int) -> dict[str, float]:
    """The middle of a cell, for a pointer over the picture."""
    rows, columns = (int(found.get_attribute(name) or 0) for name in ("height", "width"))
    area = found.bounding_box()
    assert area
    return {"x": (column + 0.5) * area["width"] / columns, "y": (row + 0.5) * area["height"] / rows}


def shown_value(page: Page, row: int, column: int) -> float:
    """The value over the receipt of a cell of the map, counted from 0."""
    place = f"Convolution 1, map 1, row {row + 1}, column {column + 1} = "
    heading = page.locator(".receipt h2")
    expect(heading).to_have_text(re.compile(f"^{place}"))
    return read_number(heading.inner_text().removeprefix(place))


def test_numbers_are_typed_and_pointing_at_either_picture_is_enough(tab: Tab) -> None:
    page = tab("/Learn?lesson=convolution")
    expect(page.locator(".receipt h2")).to_be_visible()
    page.get_by_test_id("stDataFrame").dblclick(position={"x": 150, "y": 78})
    page.locator(".gdg-input").fill("7")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("set=kernel--1~0~1~-2~7~2~-1~0~1"))
    kernel = SOBEL.copy()
    kernel[1, 1] = 7
    values = the_map(kernel)
    limit = f"{np.abs(values).max():.2f}"
    expect(page.locator(".stage.convolution .ends span").last).to_have_text(limit)

    image, result = picture(page, 0), picture(page, 2)
    result.hover(position=at(result, 5, 3))
    assert np.isclose(shown_value(page, 5, 3), values[5, 3], atol=1e-5)
    image.hover(position=at(image, 13, 9))  # the middle of the window that begins at 12, 8
    assert np.isclose(shown_value(page, 12, 8), values[12, 8], atol=1e-5)
    products = page.locator(".receipt .channel table").nth(2).locator("td").all_inner_texts()
    patch = scaled(example_dataset().images[SHIRT])[12:15, 8:11, 0]
    numbers = [read_number(product) for product in products]
    np.testing.assert_allclose(numbers, (patch * kernel).ravel(), atol=0.006)
    image.hover(position=at(image, 0, 27))  # no window has its middle here
    assert np.isclose(shown_value(page, 0, 25), values[0, 25], atol=1e-5)
    result.click(position=at(result, 20, 20))
    page.mouse.move(5, 5)
    assert np.isclose(shown_value(page, 20, 20), values[20, 20], atol=1e-5)

    page.get_by_text("Orange", exact=True).last.click()
    expect(page.get_by_text(re.compile("^Correct"))).to_be_visible()
    expect(page.get_by_text("1 of 10 questions answered correctly")).to_be_visible()


def test_the_largest_receipt_can_be_read_on_a_phone(tab: Tab) -> None:
    page = tab("/Learn?lesson=convolution&set=image-color_kernel-mean_size-7", width=390)
    tables = page.locator(".receipt .channel table")
    expect(tables).to_have_count(9)
    dock = page.locator(".network-view .dock").bounding_box()
    assert dock
    for number in range(9):
        table = tables.nth(number).bounding_box()
        assert table
        assert dock["x"] <= table["x"] and table["x"] + table["width"] <= dock["x"] + dock["width"]
    *subtotals, bias, total = numbers_in(page.locator(".receipt .sum").inner_text())
    assert len(subtotals) == 3 and np.isclose(sum(subtotals) + bias, total, atol=1e-4)
    result = picture(page, 4).bounding_box()
    assert result and result["x"] >= 0 and result["x"] + result["width"] <= 390
