"""A busy browser sends outdated values at times; this module tells them from a visitor's choices.

With every event the browser sends the values of all its widgets and the URL as it has them. If the
app has changed one meanwhile, from elsewhere than the widget, the browser sends the value of before
until it has drawn the page. Streamlit takes that for a change by the visitor: with a stable key and
`st.session_state[key] = value`, a click on any other button right after Undo brings back what was
undone (tests/e2e/test_outdated.py). So a widget gets another key when the app changes its value, and
what the old one sends is ignored. So is what a widget sends whose page was left
(tests/e2e/test_leaving.py).
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import inf, isclose
from typing import Any

import streamlit as st

_PAGE, _SHOWN, _OPENED = "page-shown", "widgets-shown", "url-opened"

_ON_ITS_WAY = 2.0
"""Seconds in which a browser may still send the URL that it had before."""


def page_begins(page: str) -> None:
    """Take note of the page that runs now: what a widget of another sends is ignored."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE], st.session_state[_SHOWN] = page, {}


def page_now() -> str:
    """The page that runs now, by its path in the URL; "" for Home."""
    return str(st.session_state.get(_PAGE, ""))


def while_shown(place: str, key: str, call: Callable[[], None]) -> Callable[[], None]:
    """`call` as the callback of the widget with this key, the one that is now shown at `place`.

    It does nothing once another widget is shown there, or another page.
    """
    st.session_state.setdefault(_SHOWN, {})[place] = key

    def called() -> None:
        if st.session_state.get(_SHOWN, {}).get(place) == key:
            call()

    return called


@dataclass
class Widget:
    """A widget that shows a value which can change elsewhere; see `widget`."""

    name: str
    value: Any
    revision: int = 0

    @property
    def key(self) -> str:
        """What Streamlit calls it, until its value changes elsewhere."""
        return f"{self.name}-{self.revision}"

    def then(self, apply: Callable[[Any], object]) -> Callable[[], None]:
        """A callback that has `apply` do something with the value the visitor has chosen.

        If the app does not take the value over, the widget goes back to the one of before.
        """
        key = self.key

        def changed() -> None:
            if self.key == key:
                self.value = st.session_state[key]
                apply(self.value)

        return while_shown(self.name, key, changed)

    def reset(self) -> None:
        """Have it show what the app says next, whatever the visitor has chosen in it."""
        self.revision += 1


def widget(name: str, value: Any) -> Widget:
    """The widget of this name, which is to show `value`.

    Its key stays for as long as the value is the one that was shown or the one that the visitor has
    chosen in it.
    """
    kept: Widget = st.session_state.setdefault(f"widget-{name}", Widget(name, value))
    chosen = st.session_state.get(kept.key, value)
    if not (_same(value, kept.value) or _same(value, chosen)):
        kept.reset()
    kept.value = value
    return kept


def _same(one: Any, other: Any) -> bool:
    """Whether two values look the same in a widget: a slider's 0.15 is not quite that of a setting."""
    if isinstance(one, list) and isinstance(other, list):
        return set(one) == set(other)
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


def url_opened() -> None:
    """Take note that the app opens another URL now: what comes of it is no echo, even of late."""
    st.session_state[_OPENED] = time.monotonic()


class UrlEcho:
    """Tells a URL that somebody has opened from one that the app wrote shortly before."""

    def __init__(self) -> None:
        self._now: Hashable = None
        self._replaced: dict[Hashable, float] = {}

    def write(self, part: Hashable) -> None:
        """Take note that the app has put this part into the URL."""
        if part != self._now:
            lately = {one: at for one, at in self._replaced.items() if self._is_recent(at)}
            self._replaced = lately | {self._now: time.monotonic()}
            self._now = part

    def is_opened(self, part: Hashable) -> bool:
        """True if the visitor opened this URL, false if the browser echoes what the app wrote."""
        return part != self._now and not self._is_recent(self._replaced.get(part, -inf))

    def _is_recent(self, replaced_at: float) -> bool:
        since = max(time.monotonic() - _ON_ITS_WAY, st.session_state.get(_OPENED, -inf))
        return replaced_at > since
