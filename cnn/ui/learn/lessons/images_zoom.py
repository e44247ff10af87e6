"""From a picture to its numbers: the part of it that is looked at, in the lesson on what a CNN is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.ui.components.image_grid import pixel_view
from cnn.ui.learn.controls import Setup

Pixels = NDArray[np.uint8]


_SIDES = (14, 7, 3, 1)
_USUAL_CORNER = 6
_LEAST, _LEAST_OF_THREE = 22, 36
"""Pixels that a cell needs for a number, or for three, to be read in it."""


@dataclass(frozen=True)
class Zoom:
    """A square of `side` pixels from row `top` and column `left`, counted from 0.

    `of` is what its numbers reach up to, None where they are not to be written.
    """

    side: int
    top: int
    left: int
    of: Literal[255, 1] | None

    def part(self, image: Pixels) -> Pixels:
        """The square of an image (height, width, channels)."""
        return image[self.top : self.top + self.side, self.left : self.left + self.side]

    @property
    def words(self) -> str:
        """Which rows and columns these are, from 1."""
        if self.side == 1:
            return f"Row {self.top + 1}, column {self.left + 1}"
        rows, columns = (f"{at + 1} to {at + self.side}" for at in (self.top, self.left))
        return f"Rows {rows}, columns {columns}"

    def pixel_view(
        self, image: Pixels, key: str, width: int, name: str, channel: int | None = None
    ) -> None:
        """The square of an image, its numbers written where they fit into `width` pixels."""
        part = self.part(image)
        least = _LEAST_OF_THREE if part.shape[2] > 1 and channel is None else _LEAST
        numbers = self.of is not None and width // self.side >= least
        pixel_view(
            part,
            f"{name}: {self.words}",
            f"{key}-{channel}",
            numbers,
            width,
            self.of or 255,
            channel,
            (self.top, self.left),
        )


def zoom(setup: Setup, side: int) -> Zoom:
    """Choose the part of a picture of `side` × `side` pixels, and how its numbers are written."""
    left, right = st.columns([1.25, 1])
    sides = {str(side): "All"} | {str(one): f"{one} × {one}" for one in _SIDES}
    written = {"none": "None", "255": "0 to 255", "1": "0 to 1"}
    with left:
        shown = int(setup.choice("side", "Pixels shown", sides, "7"))
    with right:
        picked = setup.choice("as", "Numbers", written, "255")
    of: Literal[255, 1] | None = {"255": 255, "1": 1}.get(picked)  # type: ignore[assignment]
    if shown == side:
        return Zoom(side, 0, 0, of)
    left, right = st.columns(2)
    with left:
        row = setup.whole("row", "First row", 1, side - shown + 1, _USUAL_CORNER)
    with right:
        column = setup.whole("column", "First column", 1, side - shown + 1, _USUAL_CORNER)
    return Zoom(shown, row - 1, column - 1, of)


def whole_picture(setup: Setup, image: Pixels, chosen: Zoom, name: str, width: int) -> None:
    """The whole picture with the part outlined; a click on a cell moves it there."""
    side = len(image)

    def move(row: int, column: int) -> None:
        for control, at in (("row", row), ("column", column)):
            first = min(max(at - chosen.side // 2, 0), side - chosen.side)
            st.session_state[setup.key(control)] = first + 1

    movable = chosen.side < side
    box = (chosen.top, chosen.left, chosen.side) if movable else None
    pixel_view(
        image,
        f"{name}, whole",
        f"learn-{setup.lesson}-whole-{image.shape[2]}",
        width=width,
        of=chosen.of or 255,
        box=box,
        on_cell=move if movable else None,
    )
