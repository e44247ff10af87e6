"""A pad to draw an input of the network on."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.image.drawing import Drawing
from cnn.ui.components.component import component, pack

_pad = component("drawing_pad", "brush")


def drawing_pad(
    drawing: Drawing, average: NDArray[np.uint8], on_drawn: Callable[[object], None], key: str
) -> None:
    """Show `drawing`, to be drawn on; a pad that is empty shows `average`, of its shape, palely.

    While one draws, `on_drawn` is called with what the browser tells, for `Drawing.told` to read,
    before the page runs again.
    """

    def told() -> None:
        on_drawn(st.session_state[key].get("drawing"))

    head = {"shape": drawing.pixels.shape, "start": drawing.start}
    body = drawing.pixels.tobytes() + average.tobytes()
    _pad(key=key, data=pack(head, body), on_drawing_change=told)
