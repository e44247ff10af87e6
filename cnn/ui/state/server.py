"""What the web server adds to every response, what it refuses, and what it says of a fault."""

import logging
import os

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime

from cnn.server_limits import LIMITS

FRAMES_VARIABLE = "CNN_PLAYGROUND_FRAME_ANCESTORS"
"""The environment variable with the sites that may show the app in a frame, as in a CSP header."""

MOST_UPLOADED = int(LIMITS.upload_megabytes * 2**20)
"""Bytes that one browser tab may have on the server at a time."""

# Streamlit's own page needs the inline code, the evaluation (its charts) and the blobs.
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob: data:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' ws: wss: data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
_METRICS, _UPLOADS = "/_stcore/metrics", "/_stcore/upload_file/"
_LOCAL = {"127.0.0.1", "::1"}

_log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware: security headers, no public metrics, and a limit for what a tab uploads."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        ancestors = os.environ.get(FRAMES_VARIABLE, "'self'")
        policy = _POLICY | {"frame-ancestors": ancestors}
        self._headers = {
            "Content-Security-Policy": "; ".join(f"{key} {value}" for key, value in policy.items()),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await (_refusal(scope) or self._app)(scope, receive, send_with_headers)


def _refusal(scope: Scope) -> PlainTextResponse | None:
    path, headers = scope["path"], Headers(scope=scope)
    if path.endswith(_METRICS):
        client = scope["client"][0] if scope.get("client") else ""
        if client not in _LOCAL or "x-forwarded-for" in headers:
            return PlainTextResponse("The metrics are only for this machine.", status_code=404)
    if _UPLOADS in path and scope["method"] == "PUT":
        session = path.split(_UPLOADS)[1].split("/")[0]
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return PlainTextResponse("An upload needs its Content-Length.", status_code=411)
        if _uploaded(session) + int(length) > MOST_UPLOADED:
            return PlainTextResponse(
                f"This tab has more than {MOST_UPLOADED // 2**20} MB on the server. Remove a file first, or reload the page.",
                status_code=413,
            )
    return None


def _uploaded(session: str) -> int:
    """The bytes of the files that a tab has on the server."""
    if not runtime.exists():
        return 0
    files = getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {}).get(session, {})
    return sum(len(file.data) for file in list(files.values()))


def report(error: Exception) -> bool:
    """Log a fault of a page, and show a sentence in its place."""
    _log.error("A page met an error", exc_info=error)
    st.error(
        "This page met an error that is ours, not yours. Your runs are kept. Reload the page; if it comes back, open Home and choose the example run.",
        icon=":material/error:",
    )
    return True


MIDDLEWARE = [Middleware(Guard)]
