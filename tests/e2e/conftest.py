"""A real server and a real Chromium."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cnn.ui.components.network_view import PARTS
from tests.e2e import runs
from tests.e2e.cases import INNER
from tests.e2e.component import Harness
from tests.e2e.server import Server, launched_chromium

expect.set_options(timeout=60_000)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app under test: one for all, for it takes its time to start."""
    home = tmp_path_factory.mktemp("server")
    runs.keep(home)
    made = Server(home)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with launched_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def browser_half(chromium: Browser) -> Iterator[Harness]:
    """The network view alone in a blank page."""
    made = Harness(chromium, "network_view", PARTS, INNER)
    yield made
    made.close()


@pytest.fixture
def tab(chromium: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Opens an address of the app in a new tab; faults of the page's scripts fail the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(address: str, width: int = 1400, scheme: str = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(server.url + address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults
