"""Small pictures to choose one from, and one picture with its numbers."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.ui.components.message import component, pack

_grid = component("image_grid")
_pixels = component("pixel_view")


def image_grid(
    images: NDArray[np.uint8],
    numbers: Sequence[int],
    captions: Sequence[str],
    selected: int | None,
    on_choice: Callable[[int], None],
    key: str,
    zoom: int = 2,
) -> None:
    """Show images uint8 (n, height, width, channels), each with its number and caption.

    A click calls `on_choice` with the image's number before the page runs again.
    """
    described = [
        {"number": int(number), "caption": caption, "selected": int(number) == selected}
        for number, caption in zip(numbers, captions, strict=True)
    ]
    head = {"shape": images.shape[1:], "images": described, "zoom": zoom}

    def chosen() -> None:
        number = st.session_state[key].get("chosen")
        if number in numbers:
            on_choice(int(number))

    _grid(key=key, data=pack(head, images.tobytes()), on_chosen_change=chosen)


def pixel_view(image: NDArray[np.uint8], label: str, key: str, numbers: bool = False) -> None:
    """One image uint8 (height, width, channels) enlarged; with `numbers`, every cell says its value."""
    head = {
        "shape": image.shape,
        "label": label,
        "numbers": numbers,
        "width": 420,
        "hint": "Point at a cell for its value.",
    }
    _pixels(key=key, data=pack(head, image.tobytes()))
