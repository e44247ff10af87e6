"""Streamlit's select boxes under a real pointer."""

from playwright.sync_api import Page

_SCROLLED = "() => new Promise(requestAnimationFrame)"
"""The page learns of scrolling before it draws the next time."""


def choose(page: Page, label: str, option: str) -> None:
    """Choose in the select box with exactly this label."""
    box = page.get_by_role("combobox", name=label, exact=True)
    # Its list closes when the page learns of scrolling, even of that before the click.
    box.scroll_into_view_if_needed()
    page.evaluate(_SCROLLED)
    box.click()
    page.get_by_role("option", name=option, exact=True).click()
