"""The drawing pad on a busy machine: answers come late and several at once, and nothing is lost."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.e2e.network import show_every_layer
from tests.e2e.server import Server
from tests.e2e.test_own_image import choose_pad, drawn, stroke, tool, wait_for_network


class Connection:
    """What the server sends to the page; it can be held back, to come all at once."""

    def __init__(self, page: Page) -> None:
        self._held: list[str | bytes] = []
        self._holds = False
        page.route_web_socket("**/_stcore/stream", self._join)

    def _join(self, browser: WebSocketRoute) -> None:
        self._browser = browser
        browser.connect_to_server().on_message(self._pass)

    def _pass(self, message: str | bytes) -> None:
        if self._holds:
            self._held.append(message)
        else:
            self._browser.send(message)

    def hold(self) -> None:
        self._holds = True

    def release(self) -> None:
        self._holds = False
        while self._held:
            self._browser.send(self._held.pop(0))


@pytest.fixture
def busy(chromium: Browser, server: Server) -> Iterator[tuple[Page, Connection]]:
    """A pad in a browser that has a sixth of its speed."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    connection = Connection(page)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{server.url}/Inspect?image=31")
    choose_pad(page)
    tool(page, "1")
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
    yield page, connection
    context.close()
    assert not faults


def source(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()


def test_quick_strokes_undo_clear_and_another_source(busy: tuple[Page, Connection]) -> None:
    page, connection = busy
    expected = np.zeros((28, 28), np.uint8)
    for at in range(4, 22, 2):  # nine
        connection.hold()
        stroke(page, (at, 4), (at, 12))
        expected[at, 4:13] = 255
        page.wait_for_timeout(700)  # the server answers, and once more when Keras has
        stroke(page, (at + 1, at))
        expected[at + 1, at] = 255
        connection.release()
    assert np.array_equal(drawn(page), expected)
    wait_for_network(page, expected)

    connection.hold()
    tool(page, "Undo")
    expected[21, 20] = 0
    page.wait_for_timeout(700)
    connection.release()
    wait_for_network(page, expected)
    tool(page, "Clear")
    expected[:] = 0
    wait_for_network(page, expected)

    stroke(page, (9, 3), (9, 20))
    expected[9, 3:21] = 255
    stroke(page, (25, 25))
    expected[25, 25] = 255
    source(page, "Test image")  # before the last stroke was sent
    expect(page.get_by_text("Your drawing through the network")).to_have_count(0)
    source(page, "Draw")
    expect(page.get_by_text("Your drawing through the network")).to_have_count(1)
    assert np.array_equal(drawn(page), expected)
    show_every_layer(page)
    wait_for_network(page, expected)
    tool(page, "Undo")
    expected[25, 25] = 0
    wait_for_network(page, expected)
