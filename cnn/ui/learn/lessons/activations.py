"""Lesson: Activation functions. Each function's graph, its slope, and its formula with numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.derivative import derivative
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, ActivationName, Network
from cnn.operations import activation as apply_activation
from cnn.ui.common import formatting
from cnn.ui.common.page import LEARN
from cnn.ui.common.prose import read_prose
from cnn.ui.common.theme import NEGATIVE, POSITIVE, QUIET
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.example_run import example
from cnn.ui.learn.formula import significant, tex, tex_in_parentheses
from cnn.ui.learn.lesson import Lesson, text_and_figure
from cnn.ui.learn.lessons import activation_units
from cnn.ui.learn.lessons.activation_units import MAP_PART
from cnn.ui.learn.next_steps import to_build
from cnn.ui.learn.question import ask
from cnn.ui.state.session import Session

Array = NDArray[np.float32]

PROSE = read_prose("activations")

_PARTS = {"graph": "The graph and its slope", "map": MAP_PART, "trained": "In a trained network"}

REACH = 6
"""The graph goes from -REACH to REACH."""

# Objects instead of text such as "x:Q", which Altair takes five times as long to parse.
_X, _Y = alt.X("x:Q"), alt.Y("y:Q")


@dataclass(frozen=True)
class Formulas:
    """A function and its derivative in LaTeX.

    X stands for the input, Y for the input in parentheses if it is negative, S for the slope of leaky
    ReLU. A function with two cases has `above` for inputs above 0 and `below` for all others.
    """

    above: str
    slope_above: str
    below: str = ""
    slope_below: str = ""

    @property
    def has_kink(self) -> bool:
        """Whether the derivative jumps at 0."""
        return self.slope_below in ("0", "S")


FORMULAS: dict[ActivationName, Formulas] = {
    "relu": Formulas("X", "1", "0", "0"),
    "sigmoid": Formulas(r"\frac{1}{1 + e^{-Y}}", r"f(X)\,(1 - f(X))"),
    "tanh": Formulas(r"\frac{e^{X} - e^{-Y}}{e^{X} + e^{-Y}}", "1 - f(X)^2"),
    "leaky_relu": Formulas("X", "1", r"S \cdot Y", "S"),
    "elu": Formulas("X", "1", "e^{X} - 1", "e^{X}"),
    "gelu": Formulas(r"X \cdot \Phi(X)", r"\Phi(X) + X \cdot \varphi(X)"),
    "silu": Formulas(r"\frac{X}{1 + e^{-Y}}", r"\sigma(X)\,(1 + X\,(1 - \sigma(X)))"),
}
"""The functions in the order in which they are offered."""


def show(session: Session, controls: Controls) -> None:
    """Draw the chosen part, and the question that belongs to all of them."""
    part = controls.part("part", _PARTS, "graph")
    text, figure = text_and_figure()
    if part == "trained":
        with text:
            st.markdown(PROSE.text("trained"))
            answered = _ask(controls)
        with figure:
            if answered:
                activation_units.show_layer(session, controls)
            else:
                st.info(PROSE.text("answer first"))
        return
    with figure:
        activation = _choose_function(controls)
        point = None
        if part == "graph":
            point = _graphs(controls, activation)
        else:
            activation_units.show_filter(session, controls, activation)
    with text:
        st.markdown(PROSE.text("map") if part == "map" else PROSE.text("graph"))
        _explain(activation, point)
        _ask(controls)
        to_build(session, "Build a network with this activation", with_activation(activation))


def _ask(controls: Controls) -> bool:
    """Ask how saturated the starter network is; True once it was answered."""
    run = example().run
    layer = activation_units.observable_layers(run)[-1]
    activity = activation_units.activity_of(run, layer.name).result()  # at once: a small network
    low, high, both = (
        formatting.percent(float(shares.mean()), 0)
        for shares in (activity.low, activity.high, activity.saturated)
    )
    return ask(
        controls,
        PROSE,
        units=layer.outputs,
        images=formatting.thousands(activity.images),
        low=low,
        high=high,
        both=both,
    )


def with_activation(activation: Activation) -> Network:
    """Return the starter network with this activation in both blocks."""
    blocks = tuple(replace(block, activation=activation) for block in ARTICLE.blocks)
    return replace(ARTICLE, blocks=blocks)


def keras_line(activation: Activation) -> str:
    """Return the layer in Keras."""
    if activation.name == "leaky_relu":
        return f"keras.layers.LeakyReLU(negative_slope={activation.slope})"
    return f'keras.layers.Activation("{activation.name}")'


def _choose_function(controls: Controls) -> Activation:
    names = {name.replace("_", "-"): formatting.ACTIVATION_NAMES[name] for name in FORMULAS}
    place, slope_place = st.columns(2)
    with place:
        chosen = controls.choice("f", "Activation function", names, "relu")
    name = next(name for name in FORMULAS if name.replace("_", "-") == chosen)
    if name != "leaky_relu":
        return Activation(name)
    with slope_place:
        slope = controls.decimal("slope", "Slope below 0", 0.05, 0.5, 0.1, 0.05)
    return Activation(name, round(slope, 2))


def _explain(activation: Activation, point: tuple[float, float] | None) -> None:
    """Show the formulas and, if a point (input, value) is chosen, the formula with its numbers."""
    st.markdown(PROSE.text(f"function/{activation.name}"))
    formulas = FORMULAS[activation.name]
    st.latex(_filled(f"f(x) = {_cases(formulas.above, formulas.below)}", activation))
    st.latex(_filled(f"f'(x) = {_cases(formulas.slope_above, formulas.slope_below)}", activation))
    if point:
        st.latex(with_numbers(activation, *point))
    st.code(keras_line(activation), language="python", wrap_lines=True)
    st.markdown(PROSE.text("softmax"))
    st.page_link(
        LEARN,
        label="Lesson 7: softmax",
        icon=":material/arrow_forward:",
        query_params={"lesson": "softmax"},
    )


def with_numbers(activation: Activation, x: float, value: float) -> str:
    """Return the formula in LaTeX with `x` filled in, and its `value`."""
    formulas = FORMULAS[activation.name]
    case = formulas.below if formulas.below and x <= 0 else formulas.above
    line = _filled(case, activation, tex(x), tex_in_parentheses(x))
    result = tex(value)
    if line == result:
        return f"f({tex(x)}) = {result}"
    return rf"\begin{{aligned}} f({tex(x)}) &= {line} \\ &= {result} \end{{aligned}}"


def _cases(above: str, below: str) -> str:
    if not below:
        return above
    return rf"\begin{{cases}} {above} & x > 0 \\ {below} & x \le 0 \end{{cases}}"


def _filled(
    template: str, activation: Activation, x: str = "x", x_in_parentheses: str = "x"
) -> str:
    filled = template.replace("S", f"{activation.slope:g}")
    return filled.replace("X", x).replace("Y", x_in_parentheses)


def _graphs(controls: Controls, activation: Activation) -> tuple[float, float]:
    """Draw the function and its slope; return the chosen input and the function's value there."""
    x = controls.decimal("x", "Input x: drag it", -REACH, REACH, 1.0, 0.1)
    inputs = np.array([x], np.float32)
    value = float(apply_activation(inputs, activation.name, activation.slope)[0])
    slope = float(derivative(inputs, activation.name, activation.slope)[0])
    kink = FORMULAS[activation.name].has_kink
    value_text = f"f({significant(x)}) = {significant(value)}"
    slope_text = f"f′({significant(x)}) = {significant(slope)}"
    st.markdown(f"**{value_text}**")
    tangent = [] if kink and x == 0 else [_tangent(x, value, slope)]
    chart = _graph(_table(apply_activation, activation), x, value, POSITIVE, "f(x)", tangent)
    st.altair_chart(chart, alt=f"The graph of f, with its tangent at the point {value_text}.")
    st.markdown(f"**{slope_text}**")
    table = _table(derivative, activation)
    if kink:  # two lines, because there is a jump between them
        table["half"] = table["x"] > 0
    chart = _graph(table, x, slope, NEGATIVE, "f′(x), the slope", [])
    st.altair_chart(chart, alt=f"The graph of the slope of f, with the point {slope_text}.")
    if kink and x == 0:
        st.caption(PROSE.text("kink", slope=significant(slope)))
    return x, value


def _table(function: Callable[[Array, str, float], Array], activation: Activation) -> pd.DataFrame:
    x = np.linspace(-REACH, REACH, 40 * REACH + 1, dtype=np.float32)
    y = function(x, activation.name, activation.slope)
    return pd.DataFrame({"x": x, "y": y, "half": False})


def _graph(
    table: pd.DataFrame, x: float, y: float, color: str, title: str, over: list[alt.Chart]
) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """Draw a graph with the point (x, y), lines from there to both axes, and `over` on top."""
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
    layers = line, *over, dashed.encode(x=_X), dashed.encode(y=_Y), dot
    return alt.layer(*layers).properties(height=230)


def _tangent(x: float, y: float, slope: float) -> alt.Chart:
    ends = np.array([-1.5, 1.5])
    table = pd.DataFrame({"x": x + ends, "y": y + slope * ends})
    line = alt.Chart(table).mark_line(color=NEGATIVE, clip=True, strokeWidth=3)
    return line.encode(x=_X, y=_Y)


LESSON = Lesson("activations", PROSE, show)
