"""Headers of every response, requests that are refused, and what is said of a fault."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message
from streamlit import runtime

from cnn.ui.state import server

LARGEST = 50 * 2**20
"""What .streamlit/config.toml allows one file to have."""


def answer(
    path: str, method: str = "GET", client: str = "127.0.0.1", **headers: str
) -> tuple[int, dict[str, str]]:
    """Status and headers of the response to a request, from an app that allows everything."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "path": path,
        "method": method,
        "client": (client, 1234),
        "headers": [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ],
    }
    response = server.Guard(PlainTextResponse("the page"))(scope, receive, send)
    with ThreadPoolExecutor(1) as thread:  # this one may run a browser's event loop
        thread.submit(asyncio.run, response).result()
    start = sent[0]
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}


def test_every_response_forbids_foreign_content() -> None:
    for path in ("/", "/static/x.js", "/_stcore/metrics"):
        _, headers = answer(path, client="1.2.3.4")
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["frame-ancestors"] == "'self'"
        for source in " ".join(policy.values()).split():
            assert source.startswith("'") or source.endswith(":"), source
            assert source not in ("http:", "https:")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_sites_that_may_frame_the_app_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(server.FRAMES_VARIABLE, "'self' https://*.example.org")
    _, headers = answer("/")
    assert headers["content-security-policy"].endswith(
        "frame-ancestors 'self' https://*.example.org"
    )


def test_metrics_are_for_the_machine_alone() -> None:
    assert answer("/_stcore/metrics")[0] == 200
    assert answer("/app/_stcore/metrics", client="1.2.3.4")[0] == 404
    assert answer("/_stcore/metrics", x_forwarded_for="1.2.3.4")[0] == 404


class _Files:
    def __init__(self, *sizes: int) -> None:
        records = {str(size): type("Record", (), {"data": range(size)}) for size in sizes}
        self.uploaded_file_mgr = type("Manager", (), {"file_storage": {"tab": records}})


def test_a_tab_can_fill_only_so_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: _Files(LARGEST, LARGEST // 2))
    path = "/_stcore/upload_file/{}/file"
    small, large = str(LARGEST // 2), str(LARGEST)
    assert answer(path.format("tab"), "PUT", content_length=small)[0] == 200
    assert answer(path.format("tab"), "PUT", content_length=large)[0] == 413
    assert answer(path.format("other"), "PUT", content_length=large)[0] == 200
    assert answer(path.format("tab"), "DELETE")[0] == 200
    for strange in ({}, {"content_length": "-5"}, {"content_length": "many"}):
        assert answer(path.format("tab"), "PUT", **strange)[0] == 411
