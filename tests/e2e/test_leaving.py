"""Leaving a page while something on it still sends what was chosen: the next page is as ever."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.e2e.server import Server

_CHOICE = b'"event":"unit"'


class Choices:
    """What the page sends of chosen cells, on a slow way to the server: it arrives when it is let go."""

    def __init__(self, page: Page) -> None:
        self._held: list[str | bytes] = []
        page.route_web_socket("**/_stcore/stream", self._join)

    def _join(self, browser: WebSocketRoute) -> None:
        self._server = browser.connect_to_server()
        browser.on_message(self._pass)

    def _pass(self, message: str | bytes) -> None:
        if isinstance(message, bytes) and _CHOICE in message:
            self._held.append(message)
        else:
            self._server.send(message)

    def let_go(self) -> None:
        while self._held:
            self._server.send(self._held.pop(0))


def sweep(page: Page) -> None:
    """Choose a cell of a convolution and play the sweep from there."""
    view = page.locator(".network-view").first
    picture = view.locator(".stage.convolution .tiles img").first
    expect(picture).to_be_attached()
    if not picture.is_visible():  # on Home the large layers are folded away
        view.get_by_text("Every layer, large").click()
    picture.click(position={"x": 3, "y": 3})
    page.wait_for_timeout(600)  # by then the choice is sent
    view.locator("button", has_text="Sweep").click()
    expect(view.locator("button", has_text="Pause")).to_be_visible()


def expect_no_error(page: Page) -> None:
    """Nor does one come when the last message of the page that was left has arrived."""
    page.wait_for_timeout(2000)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("encountered an error")).to_have_count(0)


def to_page(name: str) -> Callable[[Page], None]:
    def leave(page: Page) -> None:
        navigation = page.get_by_test_id("stSidebarNav")
        navigation.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()

    return leave


def to_next_lesson(page: Page) -> None:
    title = page.get_by_role("heading", level=1)
    before = title.inner_text()
    page.get_by_role("button", name="Pooling").last.click()
    expect(title).not_to_have_text(before)


@pytest.mark.parametrize(
    ("address", "leave"),
    [
        ("/", to_page("Data")),
        ("/Inspect?image=31", to_page("Data")),
        ("/Learn?lesson=convolution", to_page("Data")),
        ("/Learn?lesson=convolution", to_next_lesson),
    ],
    ids=["home", "inspect", "learn", "lesson"],
)
def test_a_page_is_left_while_the_sweep_plays(
    chromium: Browser, server: Server, address: str, leave: Callable[[Page], None]
) -> None:
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    choices = Choices(page)
    page.goto(server.url + address)
    sweep(page)
    leave(page)
    page.wait_for_timeout(2000)  # the next page is whole, and what was on this one forgotten
    choices.let_go()
    expect_no_error(page)
    context.close()
