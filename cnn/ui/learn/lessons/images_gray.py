"""A gray picture and its numbers: one part of the lesson on what a CNN is."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.inspection.units import IMAGE
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork
from cnn.ui.learn.formula import tex
from cnn.ui.learn.lessons.images_zoom import Zoom, whole_picture, zoom


def show(
    setup: Setup, at_work: AtWork, text: DeltaGenerator, picture: DeltaGenerator
) -> str | None:
    """The picture, and the numbers of a part of it; returns the part's first pixel."""
    image = at_work.image
    side = len(image)
    name = at_work.data.classes[at_work.label]
    key = f"learn-{setup.lesson}-part"
    with picture:
        chosen = zoom(setup, side)
        if chosen.side == side:
            chosen.pixel_view(image, key, 616, name)
        else:
            left, right = st.columns([1, 2])
            with left:
                whole_picture(setup, image, chosen, name, 196)
            with right:
                chosen.pixel_view(image, key, 392, name)
        st.caption(f"{chosen.words}. 0 is black, {chosen.of or 255} is white.")
    with text:
        _words(at_work, chosen)
    return f"{IMAGE}-map1-row{chosen.top + 1}-column{chosen.left + 1}"


def _words(at_work: AtWork, chosen: Zoom) -> None:
    height, width, _ = at_work.image.shape
    at = chosen.top + chosen.side // 2, chosen.left + chosen.side // 2
    pixel = int(at_work.image[*at, 0])
    st.markdown(
        f"To a computer this picture is a table of numbers: {height} rows, {width} columns, one number"
        " for each **pixel**. It says how bright the pixel is, from 0, black, to 255, white. Nothing"
        " else is known: no shape, no edge, no name."
    )
    st.markdown(
        "Show fewer pixels, to the last one, and click the picture to look elsewhere. A"
        " network reads the numbers divided by 255, from 0 to 1: it learns more easily from small"
        f" ones. For row {at[0] + 1}, column {at[1] + 1}:"
    )
    st.latex(rf"x = \frac{{{pixel}}}{{255}} = {tex(pixel / 255)}")
    count = formatting.shape(at_work.data.dataset.images.shape)
    st.code(f"x = images / 255\n# {count}", language="python")
