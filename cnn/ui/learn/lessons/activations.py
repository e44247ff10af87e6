"""Lesson: Activation functions. Their graphs and slopes, and how units saturate and die."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.derivative import derivative
from cnn.inspection.features.saturation import RANGES, Activity, activity, ends, inner_activations
from cnn.inspection.forward import forward
from cnn.inspection.units import Unit, to_text
from cnn.network.layers import Layer
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, ActivationName, Network
from cnn.operations import activation as apply_activation
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.page import LEARN, chosen_run
from cnn.ui.common.prose import read_prose, significant, tex, tex_in_parentheses
from cnn.ui.common.theme import NEGATIVE, POSITIVE
from cnn.ui.common.waiting import when_there
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import (
    X,
    Y,
    choose_item,
    curve_with_point,
    example,
    network_figure,
    on_test_images,
    text_and_figure,
)
from cnn.ui.learn.next_steps import to_build, to_inspect
from cnn.ui.learn.question import ask
from cnn.ui.state import services
from cnn.ui.state.session import Session

Array = NDArray[np.float32]

PROSE = read_prose("activations")

MAP_PART = "On a feature map"
LARGEST_DROP = 3.2
"""How far the bias can be lowered: enough for every filter of the example run to die."""

RARELY = 0.05
"""A unit is called rarely active if it is above 0 for less than this share of the images."""

_PARTS = {"graph": "The graph and its slope", "map": MAP_PART, "trained": "In a trained network"}

REACH = 6
"""The graph goes from -REACH to REACH."""


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
            PROSE.show("trained")
            answered = _ask(controls)
        with figure:
            if answered:
                show_layer(session, controls)
            else:
                st.info(PROSE.text("answer first"))
        return
    with figure:
        activation = _choose_function(controls)
        point = None
        if part == "graph":
            point = _graphs(controls, activation)
        else:
            show_filter(session, controls, activation)
    with text:
        st.markdown(PROSE.text("map") if part == "map" else PROSE.text("graph"))
        _explain(activation, point)
        _ask(controls)
        to_build(session, "Build a network with this activation", with_activation(activation))


def _ask(controls: Controls) -> bool:
    """Ask how saturated the starter network is; True once it was answered."""
    run = example().run
    layer = observable_layers(run)[-1]
    activity = activity_of(run, layer.name).result()  # at once: a small network
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
    chosen = controls.choice("f", "Activation function", names, "relu", at=place)
    name = next(name for name in FORMULAS if name.replace("_", "-") == chosen)
    if name != "leaky_relu":
        return Activation(name)
    slope = controls.decimal("slope", "Slope below 0", 0.05, 0.5, 0.1, 0.05, at=slope_place)
    return Activation(name, round(slope, 2))


def _explain(activation: Activation, point: tuple[float, float] | None) -> None:
    """Show the formulas and, if a point (input, value) is chosen, the formula with its numbers."""
    PROSE.show(f"function/{activation.name}")
    formulas = FORMULAS[activation.name]
    st.latex(_filled(f"f(x) = {_cases(formulas.above, formulas.below)}", activation))
    st.latex(_filled(f"f'(x) = {_cases(formulas.slope_above, formulas.slope_below)}", activation))
    if point:
        st.latex(with_numbers(activation, *point))
    st.code(keras_line(activation), wrap_lines=True)
    PROSE.show("softmax")
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
    chart = _graph(_table(apply_activation, activation), (x, value), POSITIVE, "f(x)", tangent)
    st.altair_chart(chart, alt=f"The graph of f, with its tangent at the point {value_text}.")
    st.markdown(f"**{slope_text}**")
    table = _table(derivative, activation)
    if kink:  # two lines, because there is a jump between them
        table["part"] = table["x"] > 0
    chart = _graph(table, (x, slope), NEGATIVE, "f′(x), the slope", [])
    st.altair_chart(chart, alt=f"The graph of the slope of f, with the point {slope_text}.")
    if kink and x == 0:
        PROSE.caption("kink", slope=significant(slope))
    return x, value


def _table(function: Callable[[Array, str, float], Array], activation: Activation) -> pd.DataFrame:
    x = np.linspace(-REACH, REACH, 40 * REACH + 1, dtype=np.float32)
    y = function(x, activation.name, activation.slope)
    return pd.DataFrame({"x": x, "y": y})


def _graph(
    table: pd.DataFrame, point: tuple[float, float], color: str, title: str, over: list[alt.Chart]
) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    axis = alt.X("x:Q", scale=alt.Scale(domain=[-REACH, REACH]), title="x")
    up = alt.Y("y:Q", title=title, axis=alt.Axis(minExtent=30))
    return curve_with_point(table, point, axis, up, color, over)


def _tangent(x: float, y: float, slope: float) -> alt.Chart:
    ends = np.array([-1.5, 1.5])
    table = pd.DataFrame({"x": x + ends, "y": y + slope * ends})
    line = alt.Chart(table).mark_line(color=NEGATIVE, clip=True, strokeWidth=3)
    return line.encode(X, Y)


def show_filter(session: Session, controls: Controls, activation: Activation) -> None:
    """Draw one filter of the example run with this activation, and measure it on the test images."""
    item = choose_item(session, controls.lesson)
    filter_place, bias_place = st.columns(2)
    filters = item.plan.layer("convolution_1").output_shape[2]
    number = controls.one_of(
        "filter", "Filter of Convolution 1", range(1, filters + 1), 1, at=filter_place
    )
    lowered = controls.decimal(
        "lowered", "Lower its bias by", 0.0, LARGEST_DROP, 0.0, 0.1, at=bias_place
    )
    layers, weights = item.one_filter(number - 1, lowered, activation=activation, pooling=None)
    map = forward(layers, weights, item.image[None])["activation_1"][0, ..., 0]
    row, column = np.unravel_index(map.argmax(), map.shape)
    unit = to_text(Unit("activation_1", 0, int(row), int(column)), layers)
    # One scale for both maps shows what the function makes smaller.
    picture = Picture(layers, weights, item.image, (), enlarged=2, scale="network")
    network_figure(controls.key("picture"), picture, unit)
    measured = _filter_activity(activation.name, activation.slope, number - 1, lowered)
    st.markdown(filter_in_words(measured, activation.name))


@st.cache_resource(show_spinner="Reading the test images with this filter …", max_entries=512)
def _filter_activity(name: ActivationName, slope: float, filter: int, lowered: float) -> Activity:
    item = example()
    layers, weights = item.one_filter(
        filter, lowered, activation=Activation(name, slope), pooling=None
    )
    return activity(layers, weights, item.data.dataset.images[item.data.test], "activation_1")


def filter_in_words(measured: Activity, name: ActivationName) -> str:
    """Say what one filter does on all test images, and how much of a gradient gets through."""
    images = formatting.thousands(measured.images)
    cells = formatting.thousands(measured.images * measured.cells)
    if measured.dead[0]:
        return PROSE.text("one filter dead", images=images, cells=cells)
    if name in RANGES:
        low, high = (f"{end:g}".replace("-", "−") for end in ends(name))
        share = formatting.percent(float(measured.saturated[0]))
        sentence = PROSE.text(
            "one filter saturated", images=images, share=share, cells=cells, low=low, high=high
        )
    elif measured.zero[0] == 0:
        sentence = PROSE.text("one filter never zero", images=images, cells=cells)
    else:
        sentence = PROSE.text(
            "one filter",
            images=images,
            share=formatting.percent(float(measured.zero[0])),
            cells=cells,
            awake=formatting.accuracy(float(measured.awake[0]), measured.images),
        )
    return f"{sentence} {PROSE.text('one filter slope', slope=significant(measured.slope[0]))}"


def show_layer(session: Session, controls: Controls) -> None:
    """Choose a layer of the current run, and show what its units do on all test images."""
    run = _observable_run(session)
    layers = observable_layers(run)
    names = {
        str(number): formatting.layer_title(layer) for number, layer in enumerate(layers, start=1)
    }
    layer = layers[int(controls.choice("layer", "Layer", names, str(len(layers)))) - 1]
    name = "Example run" if run.id == services.EXAMPLE_RUN else "Current run"
    st.caption(f"{name}: {formatting.network(run.job.network)}")
    when_there(
        activity_of(run, layer.name),
        "Running the test images through the network",
        partial(_show_activity, session, run, layer),
    )


def observable_layers(run: Run) -> tuple[Layer, ...]:
    """Return the activations that can saturate or die: sigmoid, tanh and ReLU."""
    return tuple(
        layer
        for layer in inner_activations(services.run_plan(run))
        if isinstance(layer.operation, Activation)
        and (layer.operation.name == "relu" or layer.operation.name in RANGES)
    )


def activity_of(run: Run, layer: str) -> Future[Activity]:
    """Measure an activation layer on the run's test images, at its last epoch."""
    data = services.chosen(run.job.data)
    return on_test_images("activity", run, activity, (data.dataset.images[data.test],), layer)


def _observable_run(session: Session) -> Run:
    """Return the current run, or the example run if the current one has nothing to show."""
    run = chosen_run(session)
    if run.kept and observable_layers(run):
        return run
    return services.run_store().run(services.EXAMPLE_RUN)


def _show_activity(session: Session, run: Run, layer: Layer, measured: Activity) -> None:
    assert isinstance(layer.operation, Activation)
    name, unit = layer.operation.name, unit_word(layer)
    if name in RANGES:
        ranking = measured.saturated
        order = np.argsort(-ranking, kind="stable")
        low, high = (
            f"{word} {end:g}".replace("-", "−")
            for word, end in zip(("below", "above"), ends(name), strict=True)
        )
        _bars({low: measured.low, high: measured.high}, unit, order, "share of outputs")
        st.markdown(_saturation_in_words(measured, name, unit, low, high))
    else:
        ranking = measured.zero
        _bars({"0": ranking}, unit, np.arange(len(ranking)), "share of outputs that are 0")
        st.markdown(zeros_in_words(measured, unit))
    most = int(ranking.argmax())
    in_inspect = to_text(Unit(layer.name, most), services.run_plan(run))
    to_inspect(session, f"Open {unit} {most + 1} in Inspect", run.id, unit=in_inspect)


def unit_word(layer: Layer) -> str:
    """Return what a layer's channels are called: "filter" or "unit"."""
    return "filter" if len(layer.output_shape) == 3 else "unit"


def _saturation_in_words(
    measured: Activity, name: ActivationName, unit: str, low: str, high: str
) -> str:
    worst = int(measured.saturated.argmax())
    return PROSE.text(
        "saturated units",
        share=formatting.percent(float(measured.saturated.mean())),
        outputs=_outputs(measured),
        low_share=formatting.percent(float(measured.low.mean())),
        low=low,
        high_share=formatting.percent(float(measured.high.mean())),
        high=high,
        unit=unit.capitalize(),
        worst=worst + 1,
        worst_share=formatting.percent(float(measured.saturated[worst])),
        slope=significant(measured.slope.mean()),
        steepest=significant(derivative(np.zeros(1, np.float32), name)[0]),
    )


def zeros_in_words(measured: Activity, unit: str) -> str:
    """Say how much of a ReLU layer is 0, and which filters or units are dead or rarely active."""
    share = formatting.percent(float(measured.zero.mean()))
    sentences = [PROSE.text("zeros", share=share, outputs=_outputs(measured))]
    dead = int(measured.dead.sum())
    rare = int(((measured.awake < RARELY) & ~measured.dead).sum())
    if dead:
        sentences.append(PROSE.text("dead units", dead=dead, count=len(measured.zero), unit=unit))
    else:
        least = float(measured.awake.min())
        often = "all" if least == 1 else f"at least {formatting.accuracy(least, measured.images)}"
        sentences.append(PROSE.text("no dead units", unit=unit, often=often, part=MAP_PART))
    if rare:
        sentences.append(
            PROSE.text("rarely active units", rare=rare, limit=formatting.percent(RARELY, 0))
        )
    return " ".join(sentences)


def _outputs(measured: Activity) -> str:
    return formatting.thousands(measured.images * measured.cells * len(measured.zero))


def _bars(
    shares: dict[str, NDArray[np.float64]], unit: str, order: NDArray[np.int64], title: str
) -> None:
    """Draw one bar per unit, in this order, of one part or several."""
    colors = [POSITIVE] if len(shares) == 1 else [NEGATIVE, POSITIVE]
    table = pd.concat(
        pd.DataFrame({unit: order + 1, "output": part, "share": values[order]})
        for part, values in shares.items()
    )
    labels = alt.Axis(labels=len(order) <= 20, ticks=False, labelAngle=0)
    legend = None if len(shares) == 1 else alt.Legend(orient="top", title=None)
    chart = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X(
                f"{unit}:O", sort=[int(place) + 1 for place in order], title=f"{unit}s", axis=labels
            ),
            y=alt.Y(
                "share:Q", title=title, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])
            ),
            color=alt.Color(
                "output:N", scale=alt.Scale(domain=list(shares), range=colors), legend=legend
            ),
            tooltip=[unit, "output", alt.Tooltip("share:Q", format=".1%")],
        )
    )
    means = ", ".join(
        f"{part}: {formatting.percent(float(values.mean()))}" for part, values in shares.items()
    )
    st.altair_chart(
        chart.properties(height=260, padding=CHART_PADDING),
        alt=f"{title} per {unit}. On average, {means}.",
    )
