"""A component's browser half alone in a blank page: its script, its style, no Streamlit, no server."""

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

import cnn.ui.components
from cnn.ui.components.component import script

_FOLDER = Path(cnn.ui.components.__file__).parent

_THEMES = {
    "light": {"background": "#ffffff", "secondary-background": "#f0f2f6", "text": "#31333f"},
    "dark": {"background": "#0e1117", "secondary-background": "#262730", "text": "#fafafa"},
}

_LOAD = """async (source) => {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  window.component = await import(address);
  window.told = [];
}"""

_SHOW = """(content) => {
  const data = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const setTriggerValue = (event, value) => window.told.push([event, value]);
  window.end = window.component.default({ data, parentElement: document.body, setTriggerValue });
}"""


class Harness:
    """The page of one component. `inner` names functions of its script that `call` can then reach."""

    def __init__(
        self, chromium: Browser, name: str, parts: tuple[str, ...], inner: tuple[str, ...] = ()
    ) -> None:
        self._context = chromium.new_context(viewport={"width": 1400, "height": 900})
        self._name = name
        self._script = f"{script(name, *parts)}\nexport {{ {', '.join(inner)} }};"
        self.page: Page = self._context.new_page()
        self.page.clock.install(time=0)
        self.page.clock.pause_at(1)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.open()

    def open(self, scheme: str = "light") -> None:
        """Begin with an empty page: nothing has been shown on it, nothing is known to it."""
        self.page.goto("about:blank")
        colors = "".join(f"--st-{part}-color:{one};" for part, one in _THEMES[scheme].items())
        style = (_FOLDER / f"{self._name}.css").read_text("utf-8")
        place = f'<div class="{self._name.replace("_", "-")}"></div>'
        self.page.set_content(
            f"<!doctype html><style>:root{{{colors}}} body{{background:var(--st-background-color)}} {style}</style>{place}"
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
        """Every trigger with its value since the page was opened, in order."""
        return [(event, value) for event, value in self.page.evaluate("window.told")]

    def close(self) -> None:
        """Close the page."""
        self._context.close()
