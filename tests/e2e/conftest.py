"""A real server and a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]

expect.set_options(timeout=60_000)


class Server:
    """The app, served from a folder of its own; it can be killed and started again."""

    def __init__(self, home: Path) -> None:
        self._home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = {"port": self._port, "address": "127.0.0.1", "headless": "true"}
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += [f"--server.{name}={value}" for name, value in options.items()]
        self._process = subprocess.Popen(
            [*command, "--server.fileWatcherType=none"],
            cwd=ROOT,
            env=os.environ | {"CNN_PLAYGROUND_HOME": str(self._home)},
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1)
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("The app did not start within 30 seconds.")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it as Ctrl+C does."""
        self._process.terminate()
        self._process.wait(timeout=30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app under test."""
    made = Server(tmp_path_factory.mktemp("server"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; without it these tests fail, for they must not pass unseen."""
    path = shutil.which("chromium")
    assert path, "Chromium is not on the PATH. Install it: apt-get install chromium"
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


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
