"""A network on a page of the app, layer by layer."""

from playwright.sync_api import Locator, Page, expect


def show_every_layer(page: Page, view: Locator | None = None) -> None:
    """Leave a network's overview, on a phone for its first layer; it is the first of the page, or `view`."""
    expect(page.locator('[data-testid=stApp][data-test-script-state="notRunning"]')).to_be_visible()
    view = view or page.locator(".network-view").first
    expect(view.locator(".readout")).to_be_visible()
    for button in (
        view.get_by_role("button", name="Every layer, large"),
        view.locator(".layer-title").first,
    ):
        if button.is_visible():
            button.click()
    expect(view.locator(".strip")).to_be_visible()
