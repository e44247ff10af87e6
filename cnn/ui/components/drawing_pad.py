"""A pad to draw an input of the network on."""

from collections.abc import Callable

from cnn.arrays import Pixels
from cnn.inspection.image.drawing import Drawing
from cnn.ui.components.component import component, pack

_pad = component("drawing_pad")


def drawing_pad(
    drawing: Drawing, average: Pixels, on_drawn: Callable[[object], None], key: str
) -> None:
    """Show `drawing`, to be drawn on; a pad that is empty shows `average`, of its shape, palely.

    While somebody draws, `on_drawn` is called with what the browser sends, for `Drawing.updated` to
    read, before the page runs again.
    """
    head = {
        "name": key,
        "shape": drawing.pixels.shape,
        "start": drawing.start,
        "version": drawing.version,
    }
    body = drawing.pixels.tobytes() + average.tobytes()
    _pad(key=key, data=pack(head, body), drawing=on_drawn)
