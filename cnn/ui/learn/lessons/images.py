"""Lesson: What is a CNN? An image is numbers, in gray and in color, and a network computes with them."""

from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from cnn.inspection.forward import class_probabilities
from cnn.inspection.units import IMAGE
from cnn.lessons.colorize import colorized
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_prose, tex, tex_count
from cnn.ui.components.image_grid import pixel_view
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import Example, choose_item, network_figure, text_and_figure
from cnn.ui.learn.next_steps import to_inspect
from cnn.ui.learn.question import ask
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA

Pixels = NDArray[np.uint8]

PROSE = read_prose("images")

_TITLES = {"network": "From image to prediction", "gray": "An image is numbers", "color": "Color"}
_COLORS = ("red", "green", "blue")
_FIGURE = "learn-images"

_SIDES = (14, 7, 3, 1)
_FIRST_PIXEL = 6
_ROOM, _ROOM_FOR_THREE = 22, 36
"""Width in screen pixels that a cell needs to hold one number, or three."""


def show(session: Session, controls: Controls) -> None:
    """Draw the chosen part, and the question that belongs to all of them."""
    part = controls.part("part", _TITLES, "network")
    text, figure = text_and_figure()
    with figure:
        example = choose_item(session, controls.lesson)
    draw = {"network": _network, "gray": _gray, "color": _color}[part]
    unit = draw(controls, example, text, figure)
    with text:
        if _ask(controls) and part != "network":
            height, width, _ = example.plan.image_shape
            channels = 3 if part == "color" else 1
            count = tex_count(height * width * channels)
            PROSE.show("number count", height=height, width=width, channels=channels, count=count)
        to_inspect(session, "Open this image in Inspect", example.run.id, example.number, unit)


def _ask(controls: Controls) -> bool:
    shape = services.chosen(DEFAULT_DATA).image_shape
    height, width, _ = shape
    return ask(
        controls,
        PROSE,
        height=height,
        width=width,
        gray=prod(shape),
        gray_plus_three=prod(shape) + 3,
        color=formatting.thousands(3 * prod(shape)),
        colors_of_a_pixel=formatting.thousands(256**3),
    )


def _network(
    controls: Controls, example: Example, text: DeltaGenerator, figure: DeltaGenerator
) -> str | None:
    """Show the whole network with the item as input; return the number that is selected in it."""
    with figure:
        picture = Picture(example.plan, example.weights, example.image, example.data.classes)
        network_figure(_FIGURE, picture, "none")
    with text:
        _network_text(example)
    unit: str | None = st.session_state.get(f"{_FIGURE}-unit")
    return unit


def _network_text(example: Example) -> None:
    plan, classes = example.plan, example.data.classes
    height, width, _ = plan.image_shape
    first, second = (plan.layer(f"convolution_{number}").output_shape for number in (1, 2))
    probabilities = class_probabilities(example.outputs[plan.network.output][None])[0]
    predicted = classes[probabilities.argmax()]
    probability = formatting.percent(float(probabilities.max()))
    PROSE.show(
        "network",
        height=height,
        width=width,
        pixels=height * width,
        first_filters=first[2],
        second_filters=second[2],
        classes=len(classes),
    )
    if predicted == example.class_name:
        PROSE.show("correct prediction", predicted=predicted, probability=probability)
    else:
        PROSE.show(
            "wrong prediction",
            predicted=predicted,
            probability=probability,
            actual=example.class_name,
        )
    shapes = (plan.image_shape, first, second, (len(classes),))
    PROSE.show(
        "training",
        parameters=formatting.thousands(plan.parameters),
        images=formatting.thousands(len(example.data.train)),
        chain=r" \to ".join(r"{\cdot}".join(map(str, shape)) for shape in shapes),
    )
    PROSE.caption("chain")
    st.code("x = images[:1] / 255\nmodel.predict(x)", wrap_lines=True)


def _gray(
    controls: Controls, example: Example, text: DeltaGenerator, figure: DeltaGenerator
) -> str | None:
    """Show the image and the numbers of a part of it; return the part's first pixel."""
    image, name = example.image, example.class_name
    key = f"learn-{controls.lesson}-part"
    with figure:
        part = _choose_part(controls, len(image))
        if part.side == len(image):
            part.draw(image, key, 616, name)
        else:
            left, right = st.columns([1, 2])
            with left:
                _overview(controls, image, part, name)
            with right:
                part.draw(image, key, 392, name)
        PROSE.caption("gray caption", place=part.place, white=part.maximum or 255)
    with text:
        row, column = part.middle
        height, width, _ = image.shape
        pixel = int(image[row, column, 0])
        PROSE.show(
            "gray",
            height=height,
            width=width,
            row=row + 1,
            column=column + 1,
            pixel=pixel,
            scaled=tex(pixel / 255),
        )
        shape = formatting.shape(example.data.dataset.images.shape)
        st.code(f"x = images / 255\n# {shape}", wrap_lines=True)
    return part.first_pixel


def _color(
    controls: Controls, example: Example, text: DeltaGenerator, figure: DeltaGenerator
) -> str | None:
    """Show the colored image, its channels, and their sum; return the first pixel shown."""
    image = colorized(example.image)
    name = example.class_name
    key = f"learn-{controls.lesson}"
    with figure:
        part = _choose_part(controls, len(image))
        together = st.container()
        mixed = image.copy()
        for channel, (column, color) in enumerate(zip(st.columns(3), _COLORS, strict=True)):
            with column:
                if not controls.switch(color, color.capitalize(), default=True):
                    mixed[..., channel] = 0
                part.draw(image, f"{key}-channel", 182, f"{name}, {color}", channel)
        with together:
            left, right = st.columns([1, 2])
            with left:
                _overview(controls, mixed, part, f"{name} in color")
            with right:
                part.draw(mixed, f"{key}-mixed", 252, f"{name} in color")
        PROSE.caption("color caption", place=part.place, full=part.maximum or 255)
    with text:
        row, column_number = part.middle
        pixel = ",\\ ".join(str(int(value)) for value in image[row, column_number])
        PROSE.show("color", row=row + 1, column=column_number + 1, pixel=pixel)
        st.code(f"keras.Input({image.shape})\n# rows, columns, channels", wrap_lines=True)
    return part.first_pixel


@dataclass(frozen=True)
class _Part:
    """A square part of an image: `side` pixels from row `top` and column `left`, counted from 0.

    `maximum` is the largest number that a pixel can have as it is written, None to write no numbers.
    """

    side: int
    top: int
    left: int
    maximum: Literal[255, 1] | None

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
        pixel_view(
            part,
            f"{name}: {self.place}",
            f"{key}-{channel}",
            self.maximum is not None and width // self.side >= room,
            width,
            self.maximum or 255,
            channel,
            (self.top, self.left),
        )


def _choose_part(controls: Controls, side: int) -> _Part:
    """Choose a part of an image of `side` × `side` pixels, and how its numbers are written."""
    left, right = st.columns([1.25, 1])
    sides = {str(side): "All"} | {str(size): f"{size} × {size}" for size in _SIDES}
    scales = {"none": "None", "255": "0 to 255", "1": "0 to 1"}
    shown = int(controls.choice("side", "Pixels shown", sides, "7", at=left))
    scale = controls.choice("as", "Numbers", scales, "255", at=right)
    maximum: Literal[255, 1] | None = {"255": 255, "1": 1}.get(scale)  # type: ignore[assignment]
    if shown == side:
        return _Part(side, 0, 0, maximum)
    left, right = st.columns(2)
    last = side - shown + 1
    row = controls.whole("row", "First row", 1, last, _FIRST_PIXEL, at=left)
    column = controls.whole("column", "First column", 1, last, _FIRST_PIXEL, at=right)
    return _Part(shown, row - 1, column - 1, maximum)


def _overview(controls: Controls, image: Pixels, part: _Part, name: str) -> None:
    """Draw the whole image with the part outlined; a click on a pixel moves the part there."""
    side = len(image)

    def move(row: int, column: int) -> None:
        for control, pixel in (("row", row), ("column", column)):
            first = min(max(pixel - part.side // 2, 0), side - part.side)
            st.session_state[controls.key(control)] = first + 1

    movable = part.side < side
    pixel_view(
        image,
        f"{name}, whole",
        f"learn-{controls.lesson}-whole-{image.shape[2]}",
        width=196,
        of=part.maximum or 255,
        box=(part.top, part.left, part.side) if movable else None,
        on_cell=move if movable else None,
    )
