"""The lesson on softmax under a real pointer and a real keyboard."""

import re
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page, expect

from cnn import operations
from cnn.ui.common.prose import significant

Tab = Callable[..., Page]


def loss(logits: list[float], true: int) -> str:
    """The loss as the page shows it."""
    z = np.array([logits], np.float32)
    p = operations.softmax(z)[0, true]
    found = operations.cross_entropy(z, np.array([true]))[0]
    return f"Loss: {significant(found)} at p = {significant(p)}"


def test_a_logit_that_is_moved_moves_shares_and_loss(tab: Tab) -> None:
    page = tab("/Learn?lesson=softmax&set=z2-1.9")
    expect(page.get_by_text(loss([2, 1.9, 0], 0), exact=True)).to_be_visible()
    slider = page.get_by_role("slider", name="T-shirt/top")
    slider.press("ArrowRight")
    expect(page.get_by_text(loss([2, 2, 0], 0), exact=True)).to_be_visible()
    share = operations.softmax(np.array([2, 2, 0], np.float32))
    for row in range(3):
        cell = page.get_by_test_id(f"glide-cell-4-{row}")
        expect(cell).to_have_text(str(float(share[row])))
    page.get_by_text("Nothing", exact=True).click()
    expect(page.get_by_text(re.compile("^Correct"))).to_be_visible()
    added = page.get_by_role("slider", name="Added to every logit")
    for value in ("0.5", "1"):
        added.press("ArrowRight")
        expect(added).to_have_value(value)
    expect(page.get_by_test_id("glide-cell-1-0")).to_have_text("3")
    expect(page.get_by_text(loss([2, 2, 0], 0), exact=True)).to_be_visible()
    page.get_by_text("From an item").click()
    expect(page.get_by_role("button", name="Load the five largest on sliders")).to_be_visible()
    page.get_by_text("Two classes: softmax or sigmoid").click()
    expect(page.get_by_text("0.731059")).to_have_count(2)
