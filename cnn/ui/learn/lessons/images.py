"""Lesson: What a CNN is."""

from math import prod

import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import on_a_garment
from cnn.ui.learn.formula import tex_count
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.lessons import images_color, images_gray, images_network
from cnn.ui.learn.next_steps import to_inspect
from cnn.ui.learn.question import Answer, question
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA

_PARTS = {
    "network": ("From picture to answer", images_network),
    "gray": ("A picture is numbers", images_gray),
    "color": ("Color", images_color),
}


def show(session: Session, setup: Setup) -> None:
    """Draw the part that is chosen, with the question on all of them."""
    titles = {name: title for name, (title, _) in _PARTS.items()}
    chosen = setup.choice("part", "Look at", titles, "network")
    part = _PARTS[chosen][1]
    text, picture = st.columns([1, 2], gap="large")
    with picture:
        at_work = on_a_garment(session, setup.lesson)
    unit = part.show(setup, at_work, text, picture)
    with text:
        if _ask(setup) and chosen != "network":
            _count(3 if chosen == "color" else 1)
        to_inspect(session, "This image in Inspect", at_work.run.id, at_work.number, unit)


def _count(channels: int) -> None:
    height, width, _ = services.chosen(DEFAULT_DATA).image_shape
    count = height * width * channels
    st.latex(
        rf"\underbrace{{{height}}}_{{\text{{rows}}}} \cdot \underbrace{{{width}}}_{{\text{{columns}}}}"
        rf" \cdot \underbrace{{{channels}}}_{{\text{{channels}}}} = {tex_count(count)}"
    )


def _ask(setup: Setup) -> bool:
    shape = services.chosen(DEFAULT_DATA).image_shape
    height, width, _ = shape
    gray = prod(shape)
    return question(
        setup,
        f"A gray picture of {height} × {width} pixels is {gray} numbers. How many numbers is a color"
        " picture of that size?",
        (
            Answer(
                f"{gray}, each a color",
                f"There are still {gray} pixels. But one number has no room for a color: a pixel needs one"
                " each for red, green and blue.",
            ),
            Answer(
                f"{gray + 3}, for three colors",
                "The three colors are not set once for the whole picture: each pixel has amounts of"
                " its own.",
            ),
            Answer(
                formatting.thousands(3 * gray),
                f"Every one of the {gray} pixels has three numbers: red, green and blue. See them under"
                " “Color”.",
                right=True,
            ),
            Answer(
                formatting.thousands(256**3),
                "So many colors a single pixel can have, 256 · 256 · 256. To say which one it has,"
                " three numbers are enough.",
            ),
        ),
    )


LESSON = Lesson(
    "images",
    "What a CNN is",
    "An image is numbers; a network turns them into an answer, layer by layer. **Choose a garment.**",
    show,
    (
        View("A garment on its way from input to answer"),
        View("The numbers of a small part of the picture, from 0 to 255", "part-gray"),
        View("The same numbers as the network reads them, from 0 to 1", "part-gray_as-1"),
        View("A picture in color, taken apart into red, green and blue", "part-color"),
        View("A single pixel and its three numbers", "part-color_side-1_row-27_column-22"),
    ),
)
