"""Lesson: Flatten and fully connected."""

from dataclasses import replace
from functools import partial

import streamlit as st

from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.lessons import dense_costs, dense_flatten, dense_unit
from cnn.ui.learn.question import Answer, question
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA

_PARTS = {
    "flatten": ("Where each cell goes", dense_flatten),
    "unit": ("What a unit adds up", dense_unit),
    "parameters": ("What it costs", dense_costs),
}


def show(session: Session, setup: Setup) -> None:
    """Draw the part that is chosen, with the question on all of them."""
    titles = {name: title for name, (title, _) in _PARTS.items()}
    chosen = setup.choice("part", "Look at", titles, "flatten")
    text, picture = st.columns([1, 2], gap="large")
    _PARTS[chosen][1].show(session, setup, text, picture, partial(_ask, setup))


def _ask(setup: Setup) -> None:
    """What a dense layer costs behind another bridge; the article's plan has the numbers."""
    data = services.chosen(DEFAULT_DATA)
    shape = data.image_shape, len(data.classes)
    flat = plan(ARTICLE, *shape).layer("dense_1")
    averaged = plan(replace(ARTICLE, bridge="global_average"), *shape).layer("dense_1")
    units, inputs, means = *flat.output_shape, *flat.input_shape, *averaged.input_shape
    before, after = (formatting.thousands(one.parameters) for one in (flat, averaged))
    fewer = flat.parameters * means // inputs
    question(
        setup,
        f"Flatten hands {inputs} numbers to each of the {units} units of Dense 1. *Global average"
        f" pooling* would hand on {means}, the mean of each map. What becomes of the {before}"
        " parameters, the weights and biases, of Dense 1?",
        (
            Answer(
                f"{before}: there are still {units} units",
                f"The units stay, but each has a weight for every number that it reads: {means}"
                f" instead of {inputs}.",
            ),
            Answer(
                f"{fewer}: {inputs // means} times fewer",
                f"That is right for the weights: {units} · {means} ="
                f" {formatting.thousands(units * means)}. But every unit keeps its bias, too.",
            ),
            Answer(
                f"{after}",
                f"{units} units with {means} weights and a bias each. Choose it under “What it costs”.",
                right=True,
            ),
        ),
    )


LESSON = Lesson(
    "dense",
    "Flatten and fully connected",
    "From maps to one long row of numbers, and from there to one sum a unit: **click a cell** to"
    " see where it goes.",
    show,
    (
        View("Where a cell of the last maps stands in the long row"),
        View("All that one unit adds up, the largest first", "part-unit"),
        View(
            "A unit's weights back as maps: a kernel for one place only",
            "part-unit_as-maps",
        ),
        View(
            "Global average instead of Flatten: where are the parameters?",
            "part-parameters_bridge-average",
        ),
    ),
)
