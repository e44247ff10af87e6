"""A component's browser half alone in a blank page: its modules, its style, no Streamlit."""

import base64
import threading
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser, Page

from cnn.ui.common.theme import Scheme, css_variables, page_variables
from cnn.ui.components import modules
from tests.e2e.server import ROOT

_CHOICES = "unit", "epoch", "kernel", "chosen"
"""The events that are sent with a token, see choices.js."""

_LOAD = """async ([source, files]) => {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  window.draw = (await import(address)).default;
  const modules = await Promise.all(files.map((file) => import(`/app/static/${file}`)));
  window.component = Object.assign({}, ...modules);
  window.sent = [];
}"""

_SHOW = """async (content) => {
  const data = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const setTriggerValue = (event, value) => window.sent.push([event, value]);
  const setStateValue = setTriggerValue;
  window.end = await draw({ data, parentElement: document.body, setTriggerValue, setStateValue });
}"""

EVERY_LAYER = "document.querySelector('.glance:not([hidden]) > .link')?.click()"
"""Leaves the overview of a network."""


class _Files(SimpleHTTPRequestHandler):
    """The folder static/ where Streamlit has it, and a blank page."""

    def translate_path(self, path: str) -> str:
        return str(ROOT / path.removeprefix("/app/").lstrip("/"))

    def do_GET(self) -> None:
        if self.path != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        return None

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of a request."""


@cache
def _address() -> str:
    """Where the files are served, as long as the tests run."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


class Harness:
    """The page of one component."""

    def __init__(self, chromium: Browser, name: str, touch: bool = False) -> None:
        self._context = chromium.new_context(
            viewport={"width": 1400, "height": 900}, has_touch=touch
        )
        self._name = name
        self.page: Page = self._context.new_page()
        self.page.clock.install(time=0)
        self.page.clock.pause_at(1)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(error.stack or str(error)))
        self.open()

    def open(self, scheme: Scheme = "light") -> None:
        """Begin with an empty page: nothing has been shown on it, nothing is known to it."""
        self.page.goto(_address())
        place = f'<div class="{self._name.replace("_", "-")}"></div>'
        self.page.set_content(
            f"<!doctype html><style>:root{{{page_variables(scheme)}}} body{{background:var(--st-background-color)}} {css_variables()}</style>{place}"
        )
        files = modules.modules_of(self._name)
        self.page.evaluate(_LOAD, [modules.loader(self._name), files])

    def show(self, content: bytes, overview: bool = False) -> None:
        """Give the component a message, as Streamlit does with every run of the page.

        A network is shown layer by layer, as large as on a page, or in its `overview`.
        """
        self.page.evaluate(_SHOW, base64.b64encode(content).decode())
        if not overview:
            self.page.evaluate(EVERY_LAYER)
        assert not self.faults, self.faults

    def call(self, expression: str, argument: Any = None) -> Any:
        """What a JavaScript function of one argument gives; `component` has what the modules export."""
        return self.page.evaluate(expression, argument)

    def wait(self, milliseconds: int) -> None:
        """Let the page's clock go on, which otherwise stands still: nothing depends on real time."""
        self.page.clock.run_for(milliseconds)

    @property
    def sent(self) -> list[tuple[str, Any]]:
        """Every trigger and state with its value since the page was opened, in order."""
        return [
            (event, value["value"] if event in _CHOICES else value)
            for event, value in self.page.evaluate("window.sent")
        ]

    @property
    def tokens(self) -> dict[str, str]:
        """The token of the last choice that was sent, by event."""
        sent = self.page.evaluate("window.sent")
        return {event: choice["token"] for event, choice in sent if event in _CHOICES}

    def close(self) -> None:
        """Close the page."""
        self._context.close()
