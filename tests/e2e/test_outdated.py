"""A busy browser sends what the app has changed meanwhile: nothing that somebody did is lost."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from cnn.ui.learn.course import LESSONS
from tests.e2e.server import Server


class BusyTab:
    """A tab that can be made to see nothing of what the server sends, as one that is busy."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self._url = server.url
        self._busy = False
        self._waiting: list[tuple[WebSocketRoute, str | bytes]] = []
        self._runs = 0
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def open(self, address: str) -> Page:
        self.page.goto(self._url + address)
        return self.page

    def click(self, button: str) -> None:
        """Click a button and wait until the server has done what that asks for, unseen here."""
        self._busy, before = True, self._runs
        self.page.get_by_role("button", name=button).first.dispatch_event("click")
        for _ in range(600):
            if self._runs > before:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("The server did not run the page.")

    def see(self) -> None:
        """Draw all that the server has sent."""
        self._busy = False
        for route, message in self._waiting:
            route.send(message)
        self._waiting.clear()

    def _connect(self, route: WebSocketRoute) -> None:
        def receive(message: str | bytes) -> None:
            if isinstance(message, bytes):
                self._runs += ForwardMsg.FromString(message).WhichOneof("type") == "script_finished"
            if self._busy:
                self._waiting.append((route, message))
            else:
                route.send(message)

        route.connect_to_server().on_message(receive)


@pytest.fixture
def busy(profile: BrowserContext, server: Server) -> Iterator[BusyTab]:
    page = profile.new_page()
    page.set_viewport_size({"width": 1400, "height": 900})
    yield BusyTab(page, server)
    page.close()


def test_a_click_after_undo_does_not_bring_back_what_was_undone(busy: BusyTab) -> None:
    page = busy.open("/Build")
    filters = page.get_by_role("slider", name="Filters").first
    expect(filters).to_be_visible()
    filters.focus()
    filters.press("ArrowRight")
    expect(page).to_have_url(re.compile("net=conv5x3-"))
    busy.click("Undo")
    busy.click("Add a dense layer")
    busy.see()
    expect(page).to_have_url(re.compile("net=conv4x3-[^&]*_dense[^&]*_dense"))
    expect(filters).to_have_value("4")


def test_a_lesson_chosen_after_another_stays_open(busy: BusyTab) -> None:
    page = busy.open("/Learn?lesson=images")
    third, fourth = LESSONS[2:4]
    expect(page.get_by_role("button", name=fourth.title).first).to_be_visible()
    busy.click(third.title)
    busy.click(fourth.title)
    busy.see()
    expect(page).to_have_url(re.compile(f"lesson={fourth.key}"))
    expect(page.get_by_role("heading", level=1, name=fourth.title)).to_be_visible()
