"""Lesson: What is a CNN? An image is numbers, in gray and in color, and a network computes with them."""

from dataclasses import dataclass
from math import prod
from typing import Literal

import streamlit as st

from cnn.arrays import Pixels
from cnn.inspection.units import IMAGE
from cnn.lessons.colorize import colorized
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_prose
from cnn.ui.components.image_grid import pixel_view
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.figure import Example, choose_item, network_figure
from cnn.ui.learn.lesson_page import LessonPage

PROSE = read_prose("images")

_SIDES = (14, 7, 3, 1)
_FIRST_PIXEL = 6
_ROOM, _ROOM_FOR_THREE = 22, 36
"""Width in screen pixels that a cell needs to hold one number, or three."""


def show(page: LessonPage) -> None:
    part = page.part()
    with page.figure:
        item = choose_item(page)
    unit = {"network": _network, "gray": _gray, "color": _color}[part](page, item)
    with page.text:
        height, width, channels = shape = item.plan.image_shape
        gray = prod(shape)
        answered = page.ask(
            height=height, width=width, gray=gray, gray_plus_three=gray + 3, color=3 * gray
        )
        if answered and part != "network":
            channels = 3 if part == "color" else channels
            count = height * width * channels
            PROSE.show("number count", height=height, width=width, channels=channels, count=count)
        page.to_inspect("Open this image in Inspect", item.run.id, item.number, unit)


def _network(page: LessonPage, item: Example) -> str | None:
    """Show the whole network with the item as input; return the number that is selected in it."""
    plan, classes = item.plan, item.data.classes
    with page.figure:
        picture = Picture(plan, item.weights, item.image, classes)
        unit = network_figure("learn-images", picture, "none")
    probabilities = item.outputs["softmax"]
    predicted, share = classes[probabilities.argmax()], probabilities.max()
    with page.text:
        size, (first, second) = formatting.shape(plan.image_shape[:2]), plan.network.blocks
        PROSE.show("network", size=size, image=item.image, plan=plan, first=first, second=second)
        if predicted == item.class_name:
            PROSE.show("correct prediction", predicted=predicted, probability=share)
        else:
            PROSE.show("wrong prediction", predicted=predicted, probability=share, item=item)
        maps = (plan.layer(f"convolution_{number}").output_shape for number in (1, 2))
        shapes = (plan.image_shape, *maps, (plan.classes,))
        chain = r" \to ".join(r"{\cdot}".join(map(str, shape)) for shape in shapes)
        PROSE.show("training", plan=plan, images=len(item.data.train), chain=chain)
        PROSE.caption("chain")
        PROSE.code("code/network")
    return unit


def _gray(page: LessonPage, item: Example) -> str | None:
    """Show the image and the numbers of a part of it; return the part's first pixel."""
    image, name = item.image, item.class_name
    key = f"learn-{page.lesson}-part"
    with page.figure:
        part = _choose_part(page, len(image))
        if part.side == len(image):
            part.draw(image, key, 616, name)
        else:
            _draw_whole_and_part(page, image, part, key, 392, name)
        PROSE.caption("gray caption", part=part)
    row, column = part.middle
    height, width, _ = image.shape
    with page.text:
        PROSE.show(
            "gray",
            height=height,
            width=width,
            row=row + 1,
            column=column + 1,
            pixel=image[row, column, 0],
            scaled=image[row, column, 0] / 255,
        )
        PROSE.code("code/gray", shape=formatting.shape(item.data.dataset.images.shape))
    return part.first_pixel


def _color(page: LessonPage, item: Example) -> str | None:
    """Show the colored image, its channels, and their sum; return the first pixel shown."""
    image, name = colorized(item.image), item.class_name
    key = f"learn-{page.lesson}"
    with page.figure:
        part = _choose_part(page, len(image))
        together = st.container()
        mixed = image.copy()
        for channel, (at, color) in enumerate(zip(st.columns(3), formatting.COLORS, strict=True)):
            with at:
                if not page.switch(color, color.capitalize(), default=True):
                    mixed[..., channel] = 0
                part.draw(image, f"{key}-channel", 182, f"{name}, {color}", channel)
        with together:
            _draw_whole_and_part(page, mixed, part, f"{key}-mixed", 252, f"{name} in color")
        PROSE.caption("color caption", part=part)
    row, column = part.middle
    with page.text:
        pixel = ",\\ ".join(map(str, image[row, column].tolist()))
        PROSE.show("color", row=row + 1, column=column + 1, pixel=pixel)
        PROSE.code("code/color", shape=image.shape)
    return part.first_pixel


@dataclass(frozen=True)
class _Part:
    """A square part of an image: `side` pixels from row `top` and column `left`, counted from 0.

    Its `numbers` are written, or not; `white` is the largest one that a pixel can have.
    """

    side: int
    top: int
    left: int
    numbers: bool
    white: Literal[255, 1]

    @property
    def place(self) -> str:
        """Which rows and columns these are, counted from 1."""
        if self.side == 1:
            return f"Row {self.top + 1}, column {self.left + 1}"
        rows, columns = (f"{first + 1} to {first + self.side}" for first in (self.top, self.left))
        return f"Rows {rows}, columns {columns}"

    @property
    def middle(self) -> tuple[int, int]:
        """Row and column of the pixel in the middle, from 0."""
        return self.top + self.side // 2, self.left + self.side // 2

    @property
    def first_pixel(self) -> str:
        """The first pixel as Inspect names it."""
        return f"{IMAGE}-map1-row{self.top + 1}-column{self.left + 1}"

    def draw(
        self, image: Pixels, key: str, width: int, name: str, channel: int | None = None
    ) -> None:
        """Draw this part of an image, with its numbers if they fit into `width` screen pixels."""
        part = image[self.top : self.top + self.side, self.left : self.left + self.side]
        room = _ROOM_FOR_THREE if part.shape[2] > 1 and channel is None else _ROOM
        label, numbers = f"{name}: {self.place}", self.numbers and width // self.side >= room
        key, corner = f"{key}-{channel}", (self.top, self.left)
        pixel_view(part, label, key, numbers, width, self.white, channel, corner)


def _choose_part(page: LessonPage, side: int) -> _Part:
    """Choose a part of an image of `side` × `side` pixels, and how its numbers are written."""
    left, right = st.columns([1.25, 1])
    sides = {str(side): "All"} | {str(size): f"{size} × {size}" for size in _SIDES}
    shown = int(page.choice("side", "Pixels shown", sides, "7", at=left))
    scale = page.choice("as", "Numbers", PROSE.options("numbers"), "255", at=right)
    written: tuple[bool, Literal[255, 1]] = scale != "none", 1 if scale == "1" else 255
    if shown == side:
        return _Part(side, 0, 0, *written)
    left, right = st.columns(2)
    last = side - shown + 1
    row = page.slider("row", "First row", 1, last, _FIRST_PIXEL, at=left)
    column = page.slider("column", "First column", 1, last, _FIRST_PIXEL, at=right)
    return _Part(shown, row - 1, column - 1, *written)


def _draw_whole_and_part(
    page: LessonPage, image: Pixels, part: _Part, key: str, width: int, name: str
) -> None:
    """Draw the whole image, where a click on a pixel moves the part there, and the part beside it."""
    side = len(image)

    def move(row: int, column: int) -> None:
        for control, pixel in (("row", row), ("column", column)):
            first = min(max(pixel - part.side // 2, 0), side - part.side)
            st.session_state[page.key(control)] = first + 1

    whole, of = f"learn-{page.lesson}-whole-{image.shape[2]}", part.white
    box, on_cell = ((part.top, part.left, part.side), move) if part.side < side else (None, None)
    left, right = st.columns([1, 2])
    with left:
        pixel_view(image, f"{name}, whole", whole, width=196, of=of, box=box, on_cell=on_cell)
    with right:
        part.draw(image, key, width, name)
