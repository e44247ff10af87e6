"""What a component sends is received while it is on the page, and does no harm after."""

import json

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest


def _page() -> None:
    import numpy as np
    import streamlit as st

    from cnn.inspection.features.patch import Patch
    from cnn.ui.components.confusion_matrix import confusion_matrix
    from cnn.ui.components.image_grid import image_grid, pixel_view
    from cnn.ui.components.patches import Shown, patches
    from cnn.ui.components.scatter_map import Points, scatter_map

    received: list[object] = st.session_state.setdefault("received", [])
    if st.session_state.setdefault("here", True):
        image, two = np.zeros((4, 4, 1), np.uint8), np.arange(2)
        patch = Patch(np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.bool_))
        points = Points(two, two, two, np.stack([image, image]), ("a", "b"))

        def cell(row: int, column: int) -> None:
            received.append((row, column))

        image_grid(np.stack([image]), [5], ["five"], None, received.append, key="grid")
        pixel_view(image, "pixels", "pixels", on_cell=cell)
        confusion_matrix(np.eye(2, dtype=np.int64), ["a", "b"], False, None, cell, "matrix")
        patches([Shown(patch, "", "", "", "")], "patches", received.append)
        scatter_map(np.zeros((2, 2)), points, (), "map", received.append, "map")
    if st.button("Leave"):
        st.session_state["here"] = False
        st.rerun()


SENT = (
    ("chosen", 5),
    ("cell", [1, 2]),
    ("cell", [1, 0]),
    ("chosen", 0),
    ("chosen", {"token": "t", "value": [1]}),
)


def test_what_a_component_sends_is_received_until_it_has_left_the_page() -> None:
    page = AppTest.from_function(_page, default_timeout=60).run()
    names = [element.proto.id for element in page.get("bidi_component")]
    assert len(names) == len(SENT)

    def send() -> None:
        """As the browser does, which may not have left the page yet."""
        states = WidgetStates()
        for name, (event, value) in zip(names, SENT, strict=True):
            messages = json.dumps([{"event": event, "value": value}])
            events = f"$$STREAMLIT_INTERNAL_KEY_{name}__events"
            states.widgets.append(WidgetState(id=events, json_trigger_value=messages))
        page._run(states)

    send()
    assert page.session_state["received"] == [5, (1, 2), (1, 0), 0, (1,)]
    page.button[0].click().run()
    assert not page.get("bidi_component")
    send()
    assert not page.exception, page.exception
    assert page.session_state["received"] == [5, (1, 2), (1, 0), 0, (1,)]
