"""A color picture and its channels: one part of the lesson on what a CNN is."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.inspection.units import IMAGE
from cnn.lessons.colorize import dyed
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork
from cnn.ui.learn.lessons.images_zoom import Pixels, Zoom, whole_picture, zoom

_COLORS = ("red", "green", "blue")


def show(
    setup: Setup, at_work: AtWork, text: DeltaGenerator, picture: DeltaGenerator
) -> str | None:
    """The dyed picture, its channels, and what they make together; returns the first pixel shown."""
    image = dyed(at_work.image)
    name = at_work.data.classes[at_work.label]
    key = f"learn-{setup.lesson}"
    with picture:
        chosen = zoom(setup, len(image))
        together = st.container()
        mixed = image.copy()
        for channel, (column, color) in enumerate(zip(st.columns(3), _COLORS, strict=True)):
            with column:
                if not setup.switch(color, color.capitalize(), usual=True):
                    mixed[..., channel] = 0
                title = f"{name}, {color}"
                chosen.pixel_view(image, f"{key}-channel", 182, title, channel)
        with together:
            left, right = st.columns([1, 2])
            with left:
                whole_picture(setup, mixed, chosen, f"{name} in color", 196)
            with right:
                chosen.pixel_view(mixed, f"{key}-mixed", 252, f"{name} in color")
        st.caption(
            f"{chosen.words}. 0 is none of a color, {chosen.of or 255} is all of it. Numbers are"
            " written where there is room for them."
        )
    with text:
        _words(image, chosen)
    return f"{IMAGE}-map1-row{chosen.top + 1}-column{chosen.left + 1}"


def _words(image: Pixels, chosen: Zoom) -> None:
    at = chosen.top + chosen.side // 2, chosen.left + chosen.side // 2
    pixel = [int(value) for value in image[at]]
    st.markdown(
        "A color picture has three numbers a pixel: how much **red**, **green** and **blue** light it"
        " gives. So it is three tables, one behind the other, its **channels**. A gray picture has one."
    )
    st.markdown(
        "Switch a channel off, and its light is missing. Three equal numbers are a gray; 255 in all"
        " three is white, 0 in all is black. The garments come in gray; this one was dyed here: red and"
        " green stripes, and blue that grows downwards."
    )
    st.markdown(f"The pixel at row {at[0] + 1}, column {at[1] + 1}:")
    st.latex(r"(\text{red}, \text{green}, \text{blue}) = (" + ",\\ ".join(map(str, pixel)) + ")")
    st.code(
        f"keras.Input({image.shape})\n# rows, columns, channels",
        language="python",
    )
