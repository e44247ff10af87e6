"""The modules of the components on their way to the browser: late, or not at all."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

Tab = Callable[..., Page]
MODULES = "**/app/static/**"


def _go(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()


def test_a_component_whose_modules_do_not_come_says_so(tab: Tab) -> None:
    page = tab("/Teach")
    page.route(MODULES, lambda route: route.abort())
    _go(page, "Inspect")
    expect(page.get_by_text("This part of the page could not be loaded.").first).to_be_visible()


def test_leaving_a_page_before_its_modules_have_come_does_no_harm(tab: Tab) -> None:
    def slowly(route: Route) -> None:
        time.sleep(0.1)
        route.continue_()

    page = tab("/Teach")
    page.route(MODULES, slowly)
    for name in ("Inspect", "Evaluate", "Inspect", "Data", "Inspect"):
        _go(page, name)
        page.wait_for_timeout(300)
    expect(page.locator(".network-view .words")).to_contain_text("It predicts")
    _go(page, "Evaluate")
    expect(page.locator(".confusion-matrix tbody button").first).to_be_visible()
