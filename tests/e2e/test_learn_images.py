"""The lesson on what a CNN is under a real pointer."""

import re
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page, expect

from cnn.data.example import example_dataset
from cnn.lessons.colorize import colorized
from cnn.ui.common import formatting

Tab = Callable[..., Page]

SHIRT = 3545


def cells(page: Page, table: str) -> list[list[int]]:
    """The numbers of each cell of a table that is called so."""
    texts = page.get_by_role("table", name=table).locator("td").all_inner_texts()
    return [[int(number) for number in text.split()] for text in texts]


def test_a_click_moves_the_part_and_channels_are_switched_off(tab: Tab) -> None:
    page = tab("/Learn?lesson=images&set=part-color")
    color = colorized(example_dataset().images[SHIRT])
    name = "Shirt in color: Rows {} to {}, columns {} to {}"
    expect(page.get_by_role("table", name=name.format(6, 12, 6, 12))).to_be_visible()
    whole = page.get_by_role("img", name="Shirt in color, whole")
    area = whole.bounding_box()
    assert area
    side = area["width"] / 28
    whole.click(position={"x": 14.5 * side, "y": 20.5 * side})
    moved = name.format(18, 24, 12, 18)
    expect(page.get_by_role("table", name=moved)).to_be_visible()
    part = color[17:24, 11:18].reshape(-1, 3)
    assert cells(page, moved) == part.tolist()
    whole.hover(position={"x": 14.5 * side, "y": 20.5 * side})
    readout = page.locator(".pixel-view .readout").first
    red, green, blue = color[20, 14]
    expect(readout).to_have_text(f"Row 21, column 15: {red}, {green}, {blue} of 255")
    assert cells(page, "Shirt, green: Rows 18 to 24") == part[:, 1:2].tolist()

    page.get_by_text("Green", exact=True).click()
    expect(page.get_by_role("table", name=moved).locator("td").nth(24)).to_have_text(
        f"{part[24, 0]}\n0\n{part[24, 2]}", use_inner_text=True
    )
    without = part * np.array([1, 0, 1], np.uint8)
    assert cells(page, moved) == without.tolist()

    page.get_by_text(formatting.thousands(2352), exact=True).click()
    expect(page.get_by_text(re.compile("^Correct"))).to_be_visible()
