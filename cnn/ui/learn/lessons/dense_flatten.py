"""Where Flatten puts each cell: one part of the lesson on dense layers."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.inspection.units import UnitError, from_text
from cnn.network.plan import Plan
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork, on_a_garment
from cnn.ui.learn.figure import layers_at_work
from cnn.ui.learn.next_steps import to_inspect
from cnn.ui.state.session import Session

_CONTROLS = ("row", "column", "map")
"""What the address calls what can be set here."""


def show(
    session: Session,
    setup: Setup,
    text: DeltaGenerator,
    picture: DeltaGenerator,
    ask: Callable[[], None],
) -> None:
    """A cell of the last maps, by its row, column and map, and its place in the row."""
    with picture:
        at_work = on_a_garment(session, setup.lesson)
        shape = at_work.plan.layer("flatten").input_shape
        usual = (2, 1, 5)
        labels = ("Row", "Column", "Map")
        cell = []
        for one, name, label, size, at_first in zip(
            st.columns(3), _CONTROLS, labels, shape, usual, strict=True
        ):
            with one:
                cell.append(setup.whole(name, label, 1, size, at_first))
        place = int(np.ravel_multi_index([one - 1 for one in cell], shape)) + 1
        _at_work(setup, at_work, tuple(cell), f"flatten-unit{place}")
    with text:
        _words(at_work, tuple(cell), place)
        ask()
        to_inspect(
            session,
            "This place in Inspect",
            at_work.run.id,
            at_work.number,
            f"flatten-unit{place}",
        )


def _at_work(setup: Setup, at_work: AtWork, cell: tuple[int, ...], usual: str) -> None:
    """The picture. A cell or place clicked in it sets the sliders, and they choose the place."""
    plan = at_work.plan.upto("dense_1")
    key = setup.key("chosen")
    set_to, chosen = st.session_state.get(key, (None, usual))

    def choose(unit: str) -> None:
        there = _cell(unit, plan)
        for name, number in zip(_CONTROLS, there or cell, strict=True):
            st.session_state[setup.key(name)] = number
        st.session_state[key] = (None, "") if there else (cell, unit)

    layers_at_work(
        f"learn-{setup.lesson}-flatten",
        plan,
        at_work.weights[: plan.parameters],
        at_work.image,
        at_work.data.classes,
        unit=chosen if set_to == cell else usual,
        enlarged=1,
        first="pooling_2",
        on_choice=choose,
    )


def _cell(text: str, plan: Plan) -> tuple[int, ...] | None:
    """Row, column and map, from 1, of what Flatten reads or gives; None for other numbers."""
    try:
        unit = from_text(text, plan)
    except UnitError:
        return None
    if unit.layer == "flatten":
        at = np.unravel_index(unit.channel, plan.layer("flatten").input_shape)
        return tuple(int(one) + 1 for one in at)
    if unit.layer == "pooling_2" and unit.row is not None:
        return tuple(one + 1 for one in unit.place)
    return None


def _words(at_work: AtWork, cell: tuple[int, ...], place: int) -> None:
    height, width, maps = at_work.plan.layer("flatten").input_shape
    row, column, channel = cell
    value = float(at_work.outputs["flatten"][place - 1])
    st.markdown(
        f"The last layers are *fully connected*, or *dense*: they read a row of numbers. **Flatten** makes"
        f" it of the maps and computes nothing: it puts the {formatting.shape((height, width, maps))} = {height * width * maps} numbers behind each other."
        f" First come the {maps} maps' numbers at row 1, column 1, then those at row 1,"
        f" column 2, and so on. From here on nothing tells which numbers were neighbors."
    )
    st.latex(
        rf"""\begin{{aligned}}
        \text{{place}} &= (\text{{row}} - 1) \cdot {width} \cdot {maps} \\
        &\quad + (\text{{column}} - 1) \cdot {maps} + \text{{map}} \\
        &= {row - 1} \cdot {width * maps} + {column - 1} \cdot {maps} + {channel} = {place}
        \end{{aligned}}"""
    )
    st.markdown(
        f"Place {place} holds **{formatting.number(value)}**. People count from 1, Python from 0: it is"
        f" `row[{place - 1}]`."
    )
    st.code(
        f"keras.layers.Flatten()\n# ({height}, {width}, {maps}) → ({height * width * maps},)",
        language="python",
    )
