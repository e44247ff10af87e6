"""The messages to the components of a page run by AppTest."""

import json
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest


def messages(app: AppTest) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Head and body of the message of every component that has one, in the order of the page."""
    for component in app.get("bidi_component"):
        content = component.proto.bytes
        if content:
            length = int.from_bytes(content[:4], "little")
            yield json.loads(content[4 : 4 + length]), content[4 + length :]
