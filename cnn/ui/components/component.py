"""The browser's half of a component: its modules, and how Python talks to it."""

import json
from collections.abc import Callable
from typing import Any, Protocol

import streamlit as st

from cnn.ui.common import theme
from cnn.ui.components import modules


class Component(Protocol):
    """Draws a component, see `component`."""

    def __call__(self, key: str, data: bytes, **events: Callable[[Any], None]) -> None:
        """Draw it with the message `data`.

        `events` names what the browser may send: before the page runs again, the function is called
        with the value that was sent. A message of a component that has left the page is dropped.
        """


def component(name: str) -> Component:
    """Register the component whose module and style sheet are `name`.js and `name`.css in static/."""
    place = f'<div class="{name.replace("_", "-")}"></div>'
    registered = st.components.v2.component(
        f"cnn_{name}", html=place, css=theme.css_variables(), js=modules.loader(name)
    )

    def draw(key: str, data: bytes, **events: Callable[[Any], None]) -> None:
        callbacks: dict[str, Any] = {
            f"on_{event}_change": _callback(key, event, call) for event, call in events.items()
        }
        registered(key=key, data=data, **callbacks)

    return draw


def _callback(key: str, event: str, call: Callable[[Any], None]) -> Callable[[], None]:
    """What Streamlit calls, without arguments, when the browser sends an event."""

    def received() -> None:
        # The browser may send an event after the page was left, and Streamlit calls back all the
        # same, but by then it has forgotten the component's state.
        state = st.session_state.get(key)
        if state is not None and event in state:
            call(state[event])

    return received


def pack(head: dict[str, Any], body: bytes) -> bytes:
    """One message: the head's length (4 bytes, little-endian), the head as JSON, the body."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "little") + text + body


def confirmed_tokens(key: str, *events: str) -> dict[str, str]:
    """The token of the last choice received for each event of a component, "" for none.

    Some choices can be made both in the browser and in Python. The browser gives each of its own a
    token (choices.js). Every message has the tokens of the choices that Python received last and so
    confirms: by them the browser tells an answer to its choice from an earlier message.
    """
    tokens = st.session_state.get(f"{key}-confirmed", {})
    return {event: tokens.get(event, "") for event in events}


def received_choice(message: Any, key: str, event: str) -> Any:
    """The value of a choice that the browser sent, None if it is none; notes its token as confirmed."""
    match message:
        case {"token": str(token), "value": value}:
            st.session_state.setdefault(f"{key}-confirmed", {})[event] = token
            return value
    return None
