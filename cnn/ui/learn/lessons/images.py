"""Lesson: What a CNN is."""

from math import prod

import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import on_a_garment
from cnn.ui.learn.formula import tex_count
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.lessons import images_colour, images_grey, images_network
from cnn.ui.learn.next_steps import to_inspect
from cnn.ui.learn.question import Answer, question
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA

_PARTS = {
    "network": ("From picture to answer", images_network),
    "grey": ("A picture is numbers", images_grey),
    "colour": ("Colour", images_colour),
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
            _count(3 if chosen == "colour" else 1)
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
    grey = prod(shape)
    return question(
        setup,
        f"A grey picture of {height} × {width} pixels is {grey} numbers. How many numbers is a colour"
        " picture of that size?",
        (
            Answer(
                f"{grey}, each a colour",
                f"There are still {grey} pixels. But one number has no room for a colour: a pixel needs one"
                " each for red, green and blue.",
            ),
            Answer(
                f"{grey + 3}, for three colours",
                "The three colours are not set once for the whole picture: each pixel has amounts of"
                " its own.",
            ),
            Answer(
                formatting.thousands(3 * grey),
                f"Every one of the {grey} pixels has three numbers: red, green and blue. See them under"
                " “Colour”.",
                right=True,
            ),
            Answer(
                formatting.thousands(256**3),
                "So many colours a single pixel can have, 256 · 256 · 256. To say which one it has,"
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
        View("The numbers of a small part of the picture, from 0 to 255", "part-grey"),
        View("The same numbers as the network reads them, from 0 to 1", "part-grey_as-1"),
        View("A picture in colour, taken apart into red, green and blue", "part-colour"),
        View("A single pixel and its three numbers", "part-colour_side-1_row-27_column-22"),
    ),
)
