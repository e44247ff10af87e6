"""A real server and a real Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import runs
from tests.e2e.component import Harness
from tests.e2e.server import Server, launched_chromium

expect.set_options(timeout=60_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser test may fail once, and the summary tells of it: the machine may be busy elsewhere."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=1))


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
    made = Harness(chromium, "network_view")
    yield made
    made.close()


@pytest.fixture(scope="session")
def profile(chromium: Browser) -> Iterator[BrowserContext]:
    """What all tabs share. It keeps Streamlit's own scripts: without it every test compiles them.

    Its first, empty tab stays: to open a window anew takes longer than to open a tab.
    """
    context = chromium.new_context()
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def tab(profile: BrowserContext, server: Server) -> Iterator[Callable[..., Page]]:
    """Opens an address of the app in a new tab.

    Faults of the page's scripts, requests to other servers, and content that the server's own policy
    refuses fail the test.

    All tabs of a test are one person's, whom the next test does not know.
    """
    faults: list[str] = []

    def note_foreign(url: str) -> None:
        if not url.startswith((server.url, "data:", "blob:", "about:")):
            faults.append(f"request to {url}")

    def note_refused(message: str) -> None:
        # Streamlit's page tries a Material icon of its own as the icon of the tab.
        if "Content Security Policy" in message and "materialsymbols" not in message:
            faults.append(message)

    def opened(address: str, width: int = 1400, scheme: str = "light") -> Page:
        page = profile.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(
            color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: note_foreign(request.url))
        page.on("console", lambda message: note_refused(message.text))
        page.goto(server.url + address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    yield opened
    empty, *used = profile.pages
    for page in used:
        page.close()
    known = {"origin": server.url, "storageTypes": "cookies,local_storage,indexeddb"}
    profile.new_cdp_session(empty).send("Storage.clearDataForOrigin", known)
    assert not faults
