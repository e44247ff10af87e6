"""The browser's half of a component: its modules, and how Python talks to it."""

import json
from collections.abc import Callable
from typing import Any, Protocol

import streamlit as st

from cnn.ui.components import modules


class Component(Protocol):
    """Draws a component, see `component`."""

    def __call__(self, key: str, data: bytes, **events: Callable[[Any], None]) -> None:
        """Draw it with the message `data`.

        `events` names what the browser may tell: before the page runs again, the function is called
        with the value that was told. A message of a component that has left the page is dropped.
        """


def component(name: str) -> Component:
    """Register the component whose module and style sheet are `name`.js and `name`.css in static/."""
    place = f'<div class="{name.replace("_", "-")}"></div>'
    registered = st.components.v2.component(
        f"cnn_{name}", html=place, css=modules.style(name), js=modules.loader(name)
    )

    def draw(key: str, data: bytes, **events: Callable[[Any], None]) -> None:
        callbacks: dict[str, Any] = {
            f"on_{event}_change": _callback(key, event, call) for event, call in events.items()
        }
        registered(key=key, data=data, **callbacks)

    return draw


def _callback(key: str, event: str, call: Callable[[Any], None]) -> Callable[[], None]:
    """What Streamlit calls, without arguments, when the browser tells of an event."""

    def told() -> None:
        # The browser may tell of an event after the page was left, and Streamlit calls back all the
        # same, but by then it has forgotten the component's state.
        state = st.session_state.get(key)
        if state is not None and event in state:
            call(state[event])

    return told


def pack(head: dict[str, Any], body: bytes) -> bytes:
    """One message: the head's length (4 bytes, little-endian), the head as JSON, the body."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "little") + text + body


def heard_of(key: str, *events: str) -> dict[str, str]:
    """The token of the last choice heard for each event of a component, "" for none.

    Some choices can be made both in the browser and in Python. The browser gives each of its own a
    token (choices.js), and is told with every message which it was that Python heard last: so it
    can tell an answer to its choice from one that Python gave before.
    """
    tokens = st.session_state.get(f"{key}-heard", {})
    return {event: tokens.get(event, "") for event in events}


def choice_in(told: Any, key: str, event: str) -> Any:
    """The value of a choice that the browser told, whose token is noted; None if it is no choice."""
    match told:
        case {"token": str(token), "value": value}:
            st.session_state.setdefault(f"{key}-heard", {})[event] = token
            return value
    return None
