"""The app in a server of its own, seen by a Chromium that was started before."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.e2e.server import Server, launched_chromium

__all__ = ["browser", "opened", "served", "wait_until_warm"]

browser = launched_chromium

_PATIENCE = 60_000

expect.set_options(timeout=_PATIENCE)


@contextmanager
def served(
    keep: Callable[[Path], None] = lambda home: None, **environment: str
) -> Iterator[Server]:
    """A server whose runs are forgotten at the end; it takes requests already.

    `keep` may put runs into its folder before it starts.
    """
    with tempfile.TemporaryDirectory() as home:
        keep(Path(home))
        server = Server(Path(home), quiet=True, **environment)
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def opened(chromium: Browser) -> Iterator[Page]:
    """An empty tab of a visitor who has never been here."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(_PATIENCE)
    yield context.new_page()
    context.close()


def wait_until_warm(page: Page, server: Server) -> None:
    """Wait until the engine's worker has loaded TensorFlow and measured its pace."""
    pace = page.get_by_test_id("stMetric").filter(has_text="One epoch")
    for _ in range(60):
        page.goto(f"{server.url}/Build")
        expect(pace).to_be_visible()
        if "≈" in pace.inner_text():
            return
        page.wait_for_timeout(500)
    raise RuntimeError("The engine has not measured its pace within half a minute.")
