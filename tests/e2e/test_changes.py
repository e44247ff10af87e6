"""Changing the network by hand in a real browser: typing, loading, training on."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

Tab = Callable[..., Page]


def changes(page: Page) -> Page:
    """The panel, its table ready."""
    page.get_by_text("Change the network", exact=True).first.click()
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    return page


def test_numbers_are_typed_one_after_the_other_without_losing_the_place(tab: Tab) -> None:
    page = changes(tab("/Inspect"))
    table = page.get_by_test_id("stDataFrame").first
    table.click(position={"x": 120, "y": 52})
    for row, number in enumerate(("7", "8", "9")):
        page.keyboard.type(number)
        expect(page.locator(".gdg-input")).to_have_value(number)
        page.keyboard.press("Enter")
        expect(table.locator(f"[id=glide-cell-1-{row}]")).to_have_text(number)
        expect(page.get_by_text("as changed (95")).to_be_visible()
    expect(page.get_by_text("1 kernel changed")).to_be_visible()


def test_a_classic_kernel_is_trained_on_from(tab: Tab) -> None:
    page = changes(tab("/Inspect"))
    page.get_by_role("button", name="Sobel, vertical edges").click()
    expect(page.get_by_text("as changed (95")).to_be_visible()
    page.get_by_text("Train on from the changed network").click()
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("1")
    page.get_by_role("button", name="Train on from here").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Train")
    expect(page.get_by_text("Finished 1 epoch.")).to_be_visible()
