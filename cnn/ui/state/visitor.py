"""Who a visitor is to this server: a browser, known again by a cookie that only the two know."""

import re
import secrets
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path

import streamlit as st

_COOKIE = "cnn_playground_person"
_TOKEN = re.compile(r"[0-9a-f]{64}")

_memory = st.components.v2.component(
    "cnn_visitor", html="<div></div>", js=Path(__file__).with_name("visitor.js").read_text("utf-8")
)


def token() -> str:
    """A name for the browser that asks: the same in all its tabs, and after it was closed.

    A browser that comes for the first time gets a new one, which `remember` has it keep.
    """
    return _known() or secrets.token_hex(32)


def address() -> str:
    """The network that the browser asks from, "" if it is on this machine.

    That is its IP address, or of an IPv6 address the half that all of a household share. Behind a
    proxy on this machine, or one named in FORWARDED_ALLOW_IPS, it is the one that the proxy states.
    """
    try:
        found = ip_address(st.context.ip_address or "")
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found)


def remember(token: str, on_other: Callable[[str], None]) -> None:
    """Have the browser keep its name.

    If another tab has given it a name meanwhile, `on_other` is called with that one. Nothing happens
    where there is no browser, as in a test of a page.
    """
    if _known() == token or not st.context.headers.get("User-Agent"):
        return

    def answered() -> None:
        # The browser may answer after the page was left: Streamlit has then forgotten the component.
        other = st.session_state.get("visitor", {}).get("token")
        if isinstance(other, str) and _TOKEN.fullmatch(other):
            on_other(other)

    _memory(key="visitor", data={"cookie": _COOKIE, "token": token}, on_token_change=answered)


def _known() -> str | None:
    cookie = st.context.cookies.get(_COOKIE)
    return cookie if isinstance(cookie, str) and _TOKEN.fullmatch(cookie) else None
