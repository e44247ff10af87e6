"""Images as points of a map: pointing shows one, a line drawn around some chooses them."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from cnn.arrays import Numbers, Pixels
from cnn.ui.common.theme import CLASSES
from cnn.ui.components.component import component, confirmed_tokens, pack, received_choice

_component = component("scatter_map")

MOST_BYTES = 4_000_000
"""Bytes of pictures sent along; with more of them, only every second, third, ... pixel is."""


@dataclass(frozen=True, eq=False)
class Points:
    """What is known of the images of a map: their number in the data set, actual and predicted class, (n,).

    `images` are uint8 (n, height, width, channels).
    """

    numbers: Numbers
    truth: Numbers
    predicted: Numbers
    images: Pixels
    classes: tuple[str, ...]


def scatter_map(
    places: NDArray[np.floating],
    points: Points,
    chosen: tuple[int, ...],
    label: str,
    on_choice: Callable[[tuple[int, ...]], None],
    key: str,
    moving: bool = False,
) -> None:
    """Draw points at `places` (n, 2), both axes to the same scale; `chosen` are emphasized.

    A line drawn around points, or a click on one, calls `on_choice` with their places in the order
    of `points` before the page runs again; an empty choice lets all go. While it is `moving`, nothing
    can be chosen, and no pictures are sent along.
    """
    images = points.images[:0] if moving else thumbnails(points.images)
    head = {
        "count": len(places),
        "numbers": points.numbers.tolist(),
        "truth": points.truth.tolist(),
        "predicted": points.predicted.tolist(),
        "classes": points.classes,
        "chosen": chosen,
        "confirmed": confirmed_tokens(key, "chosen"),
        "shape": images.shape[1:],
        "label": label,
        "moving": moving,
        "colors": CLASSES,
    }

    def choose(sent: object) -> None:
        wanted = received_choice(sent, key, "chosen")
        if isinstance(wanted, list) and all(isinstance(place, int) for place in wanted):
            on_choice(tuple(sorted({place for place in wanted if 0 <= place < len(places)})))

    body = np.ascontiguousarray(places, "<f4").tobytes() + images.tobytes()
    _component(key=key, data=pack(head, body), chosen=choose)


def thumbnails(images: Pixels) -> Pixels:
    """The images with as many of their pixels left out as keeps them below `MOST_BYTES`."""
    step = max(1, ceil(sqrt(images.nbytes / MOST_BYTES)))
    return np.ascontiguousarray(images[:, ::step, ::step])
