"""A component's browser half alone in a blank page: its script, its style, no Streamlit, no server."""

import base64
from typing import Any

from playwright.sync_api import Browser, Page

from cnn.ui.common.theme import Scheme, page_variables
from cnn.ui.components import component

_CHOICES = "unit", "epoch", "chosen"
"""The events that are told with a token, see choices.js."""

_LOAD = """async (source) => {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  window.component = await import(address);
  window.told = [];
}"""

_SHOW = """(content) => {
  const data = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const setTriggerValue = (event, value) => window.told.push([event, value]);
  const setStateValue = setTriggerValue;
  window.end = window.component.default({ data, parentElement: document.body, setTriggerValue, setStateValue });
}"""


class Harness:
    """The page of one component. `inner` names functions of its script that `call` can then reach."""

    def __init__(
        self, chromium: Browser, name: str, parts: tuple[str, ...], inner: tuple[str, ...] = ()
    ) -> None:
        self._context = chromium.new_context(viewport={"width": 1400, "height": 900})
        self._name = name
        self._script = f"{component.script(name, *parts)}\nexport {{ {', '.join(inner)} }};"
        self.page: Page = self._context.new_page()
        self.page.clock.install(time=0)
        self.page.clock.pause_at(1)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.open()

    def open(self, scheme: Scheme = "light") -> None:
        """Begin with an empty page: nothing has been shown on it, nothing is known to it."""
        self.page.goto("about:blank")
        style = component.style(self._name)
        place = f'<div class="{self._name.replace("_", "-")}"></div>'
        self.page.set_content(
            f"<!doctype html><style>:root{{{page_variables(scheme)}}} body{{background:var(--st-background-color)}} {style}</style>{place}"
        )
        self.page.evaluate(_LOAD, self._script)

    def show(self, content: bytes) -> None:
        """Give the component a message, as Streamlit does with every run of the page."""
        self.page.evaluate(_SHOW, base64.b64encode(content).decode())
        assert not self.faults

    def call(self, expression: str, argument: Any = None) -> Any:
        """What a JavaScript function of one argument gives; `component` has the inner functions."""
        return self.page.evaluate(expression, argument)

    def wait(self, milliseconds: int) -> None:
        """Let the page's clock go on, which otherwise stands still: nothing depends on real time."""
        self.page.clock.run_for(milliseconds)

    @property
    def told(self) -> list[tuple[str, Any]]:
        """Every trigger and state with its value since the page was opened, in order."""
        return [
            (event, value["value"] if event in _CHOICES else value)
            for event, value in self.page.evaluate("window.told")
        ]

    @property
    def tokens(self) -> dict[str, str]:
        """The token of the last choice that was told, by event."""
        told = self.page.evaluate("window.told")
        return {event: one["token"] for event, one in told if event in _CHOICES}

    def close(self) -> None:
        """Close the page."""
        self._context.close()
