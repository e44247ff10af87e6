"""A real server of the app and a real Chromium, for the tests and the benchmarks."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_until_answered(url: str) -> None:
    """Wait for a server that has just been started. Raises RuntimeError if it does not answer."""
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"No answer within 30 seconds from {url}.")


class Server:
    """The app, served from a folder of its own; it can be killed and started again."""

    def __init__(self, home: Path, quiet: bool = False, **environment: str) -> None:
        self._environment = {"CNN_PLAYGROUND_HOME": str(home), **environment}
        self._output = subprocess.DEVNULL if quiet else None
        self._port = free_port()
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
            stdout=self._output,
            stderr=self._output,
            env=os.environ | self._environment,
        )
        wait_until_answered(f"{self.url}/_stcore/health")

    @property
    def process_id(self) -> int:
        """The id of the web process."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it as Ctrl+C does."""
        self._process.terminate()
        self._process.wait(timeout=30)


def installed(program: str, package: str) -> str:
    """Where a program is; without it what needs it must fail, not pass unseen."""
    path = shutil.which(program)
    assert path, f"{program} is not on the PATH. Install it: apt-get install {package}"
    return path


@contextmanager
def launched_chromium() -> Iterator[Browser]:
    """Debian's Chromium, while the block runs.

    With CNN_PLAYGROUND_WATCH in the environment it has a window and takes its time, to be watched.
    """
    path = installed("chromium", "chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        watched = bool(os.environ.get("CNN_PLAYGROUND_WATCH"))
        browser = playwright.chromium.launch(
            executable_path=path,
            args=arguments,
            headless=not watched,
            slow_mo=500 if watched else 0,
        )
        yield browser
        browser.close()
