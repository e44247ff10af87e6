"""Firefox, and what a visitor does in its window: look, point, press.

Playwright drives only its own build of it. Debian's is driven by the protocol that it has itself,
WebDriver BiDi.
"""

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from websockets.sync.client import connect

from tests.e2e.server import installed

PATIENCE = 30  # seconds

_SIZE = {"width": 1400, "height": 900}

_FIND = """([selector, text, at]) => {
  const found = [];
  const search = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.matches(selector) && node.getClientRects().length && node.textContent.includes(text)) found.push(node);
      if (node.shadowRoot) search(node.shadowRoot);
    }
  };
  search(document);
  if (found.length <= at) return null;
  const { x, y, width, height } = found[at].getBoundingClientRect();
  return { x, y, width, height, text: found[at].innerText };
}"""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Found:
    """A visible element: its place in the window, in pixels, and its text."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True)
class Window:
    """A browser's window with a mouse.

    `open` goes to an address, `run` returns the value of an expression, which must be a string, and
    `act` does what `actions` of the WebDriver protocol say.
    """

    open: Callable[[str], object]
    run: Callable[[str], str]
    act: Callable[[list[dict[str, Any]]], object]

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """Call a JavaScript function with one argument."""
        return json.loads(self.run(f"JSON.stringify(({function})({json.dumps(argument)}))"))

    def look_for(self, selector: str, text: str = "", at: int = 0) -> Found | None:
        """Number `at`, from 0, of the visible elements with this text, shadow roots included."""
        found = self.evaluate(_FIND, [selector, text, at])
        return Found(**found) if found else None

    def find(self, selector: str, text: str = "", at: int = 0) -> Found:
        """The same once it is there."""
        return wait_for(lambda: self.look_for(selector, text, at))

    def move(self, x: float, y: float) -> None:
        """Point at a place."""
        self._mouse(_move(x, y))

    def click(self, found: Found) -> None:
        """Click the middle of an element."""
        self.drag((found.x + found.width / 2, found.y + found.height / 2))

    def drag(self, *places: tuple[float, float]) -> None:
        """Press at the first place and release at the last."""
        first, *others = (_move(*place) for place in places)
        self._mouse(first, {"type": "pointerDown", "button": 0}, *others)
        self._mouse({"type": "pointerUp", "button": 0})

    def _mouse(self, *steps: dict[str, Any]) -> None:
        self.act([{"type": "pointer", "id": "mouse", "actions": steps}])


def _move(x: float, y: float) -> dict[str, Any]:
    return {"type": "pointerMove", "x": round(x), "y": round(y)}


def wait_for(ask: Callable[[], Answer | None]) -> Answer:
    """Ask until there is an answer. Raises AssertionError if there is none for too long."""
    end = time.monotonic() + PATIENCE
    while (answer := ask()) is None:
        assert time.monotonic() < end, "What is waited for has not come."
        time.sleep(0.05)
    return answer


@contextmanager
def firefox() -> Iterator[Window]:
    """Debian's Firefox while the block runs."""
    program = installed("firefox-esr", "firefox-esr")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        _started(program, "--headless", "--remote-debugging-port=0", "--profile", profile) as lines,
        connect(f"{_address(lines)}/session", max_size=None) as connection,
    ):

        def send(method: str, **parameters: Any) -> Any:
            connection.send(json.dumps({"id": 1, "method": method, "params": parameters}))
            answer = json.loads(connection.recv())
            assert answer["type"] == "success", answer
            return answer["result"]

        send("session.new", capabilities={})
        context = send("browsingContext.getTree")["contexts"][0]["context"]

        def run(expression: str) -> str:
            answer = send(
                "script.evaluate",
                expression=expression,
                target={"context": context},
                awaitPromise=False,
            )
            assert answer["type"] == "success", answer
            return answer["result"]["value"]

        send("browsingContext.setViewport", context=context, viewport=_SIZE)
        yield Window(
            lambda url: send("browsingContext.navigate", context=context, url=url, wait="complete"),
            run,
            lambda actions: send("input.performActions", context=context, actions=actions),
        )


def _address(lines: Iterable[str]) -> str:
    """Where Firefox says that it can be reached."""
    return next(filter(None, map(re.compile("WebDriver BiDi listening on (.*)").search, lines)))[1]


@contextmanager
def _started(*command: str, **environment: str) -> Iterator[Iterator[str]]:
    """A program while the block runs; gives the lines of its standard error."""
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    ) as process:
        assert process.stderr
        try:
            yield process.stderr
        finally:
            process.terminate()
