"""Lesson Activation functions: the graph and its slope, and one input read off both."""

from collections.abc import Callable

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.derivative import derivative
from cnn.network.spec import Activation
from cnn.operations import activation as applied
from cnn.ui.common import formatting
from cnn.ui.common.theme import NEGATIVE, POSITIVE, QUIET
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.lessons import activation_facts

REACH = 6
"""The graph goes from -REACH to REACH."""

# Not as text: Altair takes five times as long to make sense of that, and a drag draws many times.
_X, _Y = alt.X("x:Q"), alt.Y("y:Q")

Array = NDArray[np.float32]


def show(setup: Setup, activation: Activation) -> tuple[float, float]:
    """Draw both graphs; returns the chosen input and the function's value there."""
    x = setup.decimal("x", "Input x: drag it", -REACH, REACH, 1.0, 0.1)
    at = np.array([x], np.float32)
    value = float(applied(at, activation.name, activation.slope)[0])
    slope = float(derivative(at, activation.name, activation.slope)[0])
    kink = activation_facts.FACTS[activation.name].has_kink
    told = f"f({formatting.number(x)}) = {formatting.number(value)}"
    slope_told = f"f′({formatting.number(x)}) = {formatting.number(slope)}"
    st.markdown(f"**{told}**")
    tangent = [] if kink and x == 0 else [_tangent(x, value, slope)]
    chart = _graph(_table(applied, activation), x, value, POSITIVE, "f(x)", tangent)
    st.altair_chart(chart, alt=f"The graph of f, with its tangent at the point {told}.")
    st.markdown(f"**{slope_told}**")
    table = _table(derivative, activation)
    if kink:  # two lines, for there is a jump between them
        table["half"] = table["x"] > 0
    chart = _graph(table, x, slope, NEGATIVE, "f′(x), the slope", [])
    st.altair_chart(chart, alt=f"The graph of the slope of f, with the point {slope_told}.")
    if kink and x == 0:
        st.caption(
            "At exactly 0 the graph has a kink and no slope: left of it the slope is"
            f" {formatting.number(slope)}, right of it 1. TensorFlow takes {formatting.number(slope)}."
        )
    return x, value


def _table(function: Callable[[Array, str, float], Array], activation: Activation) -> pd.DataFrame:
    x = np.linspace(-REACH, REACH, 40 * REACH + 1, dtype=np.float32)
    y = function(x, activation.name, activation.slope)
    return pd.DataFrame({"x": x, "y": y, "half": False})


def _graph(
    table: pd.DataFrame, x: float, y: float, color: str, title: str, more: list[alt.Chart]
) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """A graph with the point (x, y) on it, lines from there to both axes, and more over it."""
    axis = alt.X("x:Q", scale=alt.Scale(domain=[-REACH, REACH]), title="x")
    line = alt.Chart(table).mark_line(color=color, clip=True)
    line = line.encode(
        x=axis,
        y=alt.Y("y:Q", title=title, axis=alt.Axis(minExtent=30)),
        detail=alt.Detail("half:N"),
    )
    point = alt.Chart(pd.DataFrame({"x": [x], "y": [y]}))
    dashed = point.mark_rule(color=QUIET, strokeDash=[3, 3])
    dot = point.mark_point(filled=True, size=90, color=color, opacity=1)
    dot = dot.encode(x=_X, y=_Y, tooltip=[alt.Tooltip("x:Q"), alt.Tooltip("y:Q", format=".4g")])
    layers = line, *more, dashed.encode(x=_X), dashed.encode(y=_Y), dot
    return alt.layer(*layers).properties(height=230)


def _tangent(x: float, y: float, slope: float) -> alt.Chart:
    ends = np.array([-1.5, 1.5])
    table = pd.DataFrame({"x": x + ends, "y": y + slope * ends})
    line = alt.Chart(table).mark_line(color=NEGATIVE, clip=True, strokeWidth=3)
    return line.encode(x=_X, y=_Y)
