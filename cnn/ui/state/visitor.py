"""Who somebody is to this server: a browser, known again by a cookie that only the two know."""

import hashlib
import re
import secrets

import streamlit as st

from cnn.ui.components.component import component, pack

_OWN = "cnn_playground_person"
_STREAMLITS = "_streamlit_xsrf"
_TOKEN = re.compile(r"[0-9a-f]{64}")

_keeper = component("person")


def token() -> str:
    """A name for the browser that asks: the same in all its tabs, and after it was closed."""
    own = st.context.cookies.get(_OWN)
    if isinstance(own, str) and _TOKEN.fullmatch(own):
        return own
    cookie = st.context.cookies.get(_STREAMLITS)
    if isinstance(cookie, str):  # elsewhere than in a browser there is none
        return hashlib.sha256(unmasked(cookie)).hexdigest()
    return secrets.token_urlsafe(12)


def unmasked(cookie: str) -> bytes:
    """What stays the same in a cookie that Streamlit masks anew with every page it sends.

    It reads `2|mask|masked|time`, the mask and what it was put over in hexadecimal digits.
    """
    try:
        _, mask, masked, _ = cookie.strip("\"'").split("|")
        pattern, content = bytes.fromhex(mask), bytes.fromhex(masked)
        return bytes(one ^ pattern[at % len(pattern)] for at, one in enumerate(content))
    except (ValueError, ZeroDivisionError):
        return cookie.encode()


def remember(name: str) -> None:
    """Have the browser keep its name: Streamlit's own cookie goes when the browser is closed."""
    if _TOKEN.fullmatch(name) and st.context.cookies.get(_OWN) != name:
        _keeper(key="person", data=pack({"cookie": _OWN, "name": name}, b""))
