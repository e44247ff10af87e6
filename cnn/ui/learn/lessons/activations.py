"""Lesson: Activation functions. Their graphs and slopes, and how units saturate and die."""

from functools import partial

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from cnn.arrays import Numbers
from cnn.inspection.features.saturation import RANGES, Activity, activity, ends, inner_activations
from cnn.inspection.units import Unit, to_text
from cnn.network.layers import Layer
from cnn.network.layers.activation import ACTIVATIONS
from cnn.network.spec import Activation, ActivationName
from cnn.operations import activation as apply_activation
from cnn.operations import derivative
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.charts import draw, tooltips
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.page import LEARN, chosen_run
from cnn.ui.common.prose import read_prose, significant, tex
from cnn.ui.common.theme import NEGATIVE, POSITIVE
from cnn.ui.common.waiting import when_there
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.charts import curve_with_point
from cnn.ui.learn.figure import (
    choose_item,
    example,
    largest_cell,
    network_figure,
    on_test_images,
    starter_network_with,
)
from cnn.ui.learn.lesson_page import LessonPage
from cnn.ui.state import services

PROSE = read_prose("activations")

LARGEST_DROP = 3.2
"""How far the bias can be lowered: enough for every filter of the example run to die."""

RARELY = 0.05
"""A unit is called rarely active if it is above 0 for less than this share of the images."""

_KINKED = ("relu", "leaky_relu")
"""The functions whose slope jumps at 0."""

REACH = 6
"""The graph goes from -REACH to REACH."""


def show(page: LessonPage) -> None:
    part = page.part()
    if part == "trained":
        with page.text:
            PROSE.show("trained")
            answered = _ask(page)
        with page.figure:
            if answered:
                _show_layer(page)
            else:
                st.info(PROSE.text("answer first"))
        return
    with page.figure:
        activation = _choose_function(page)
        point = _graphs(page, activation) if part == "graph" else None
        if part == "map":
            _show_filter(page, activation)
    with page.text:
        st.markdown(PROSE.text("map") if part == "map" else PROSE.text("graph"))
        _explain(activation, point)
        _ask(page)
        network = starter_network_with(activation=activation)
        page.to_build("Build a network with this activation", network)


def _ask(page: LessonPage) -> bool:
    """Ask how saturated the starter network is; True once it was answered."""
    run = example().run
    layer = observable_layers(run)[-1]
    # At once: a small network.
    measured = on_test_images("activity", run, activity, layer.name).result()
    low, high = measured.low.mean(), measured.high.mean()
    return page.ask(layer=layer, images=measured.images, low=low, high=high, both=low + high)


def _choose_function(page: LessonPage) -> Activation:
    left, right = st.columns(2)
    by_key = {name.replace("_", "-"): name for name in ACTIVATIONS}
    name = by_key[page.choice("f", "Activation function", PROSE.options("functions"), at=left)]
    if name != "leaky_relu":
        return Activation(name)
    slope = page.slider("slope", "Slope below 0", 0.05, 0.5, 0.1, 0.05, at=right)
    return Activation(name, round(slope, 2))


def _explain(activation: Activation, point: tuple[float, float] | None) -> None:
    """Show the formulas and, if a point (input, value) is chosen, the formula with its numbers."""
    name, slope = activation.name, activation.slope
    PROSE.show(f"function/{name}")
    st.latex(f"f(x) = {_formula(PROSE.text_from(f'formula/{name}', x='x', slope=slope))}")
    st.latex(f"f'(x) = {_formula(PROSE.text_from(f'derivative/{name}', slope=slope))}")
    if point:
        x, result = point[0], tex(point[1])
        line = _formula(PROSE.text_from(f"formula/{name}", x=x, slope=slope), at=x)
        steps = result if line == result else rf"{line} \\ &= {result}"
        st.latex(rf"\begin{{aligned}} f({tex(x)}) &= {steps} \end{{aligned}}")
    st.code(f"keras.{activation.keras_code}", wrap_lines=True)
    PROSE.show("softmax")
    icon, address = ":material/arrow_forward:", {"lesson": "softmax"}
    st.page_link(LEARN, label="Lesson 7: softmax", icon=icon, query_params=address)


def _formula(text: str, at: float | None = None) -> str:
    """Return a formula in LaTeX, with all its cases or with the one for the input `at`.

    The text of a formula with two cases has the one for inputs above 0 first, then that for the others.
    """
    above, *below = (case.strip("$") for case in text.split("\n\n"))
    if not below:
        return above
    if at is not None:
        return above if at > 0 else below[0]
    return rf"\begin{{cases}} {above} & x > 0 \\ {below[0]} & x \le 0 \end{{cases}}"


def _graphs(page: LessonPage, activation: Activation) -> tuple[float, float]:
    """Draw the function and its slope; return the chosen input and the function's value there."""
    x = page.slider("x", "Input x: drag it", -REACH, REACH, 1.0, 0.1)
    inputs = np.append(np.linspace(-REACH, REACH, 40 * REACH + 1), x).astype(np.float32)
    graph, slopes = (
        pd.DataFrame({"x": inputs, "y": function(inputs, activation.name, activation.slope)})
        for function in (apply_activation, derivative)
    )
    value, slope = float(graph["y"].iloc[-1]), float(slopes["y"].iloc[-1])
    kink = activation.name in _KINKED
    if kink:  # two lines, because there is a jump between them
        slopes["part"] = slopes["x"] > 0
    value_text = f"f({significant(x)}) = {significant(value)}"
    slope_text = f"f′({significant(x)}) = {significant(slope)}"
    reach, tangent = (-REACH, REACH), None if kink and x == 0 else slope
    st.markdown(f"**{value_text}**")
    words = f"The graph of f, with its tangent at the point {value_text}."
    arguments = graph, (x, value), ("x", "f(x)"), reach, None, POSITIVE, tangent
    draw(curve_with_point, *arguments, alt=words)
    st.markdown(f"**{slope_text}**")
    titles = ("x", "f′(x), the slope")
    words = f"The graph of the slope of f, with the point {slope_text}."
    draw(curve_with_point, slopes, (x, slope), titles, reach, None, NEGATIVE, alt=words)
    if kink and x == 0:
        PROSE.caption("kink", slope=slope)
    return x, value


def _show_filter(page: LessonPage, activation: Activation) -> None:
    """Draw one filter of the example run with this activation, and measure it on the test images."""
    item = choose_item(page)
    left, right = st.columns(2)
    filters = range(1, item.plan.layer("convolution_1").output_shape[2] + 1)
    number = page.one_of("filter", "Filter of Convolution 1", filters, 1, at=left)
    lowered = page.slider("lowered", "Lower its bias by", 0.0, LARGEST_DROP, 0.0, 0.1, at=right)
    layers, weights = item.one_filter(number - 1, lowered, activation=activation, pooling=None)
    # One scale for both maps shows what the function makes smaller.
    picture = Picture(layers, weights, item.image, (), enlarged=2, scale="network")
    network_figure(page.key("picture"), picture, largest_cell(picture))
    measured = _filter_activity(activation.name, activation.slope, number - 1, lowered)
    st.markdown(filter_in_words(measured, activation.name))


@st.cache_resource(show_spinner="Reading the test images with this filter …", max_entries=512)
def _filter_activity(name: ActivationName, slope: float, filter: int, lowered: float) -> Activity:
    item, function = example(), Activation(name, slope)
    layers, weights = item.one_filter(filter, lowered, activation=function, pooling=None)
    return activity(layers, weights, item.data.dataset.images[item.data.test], "activation_1")


def filter_in_words(measured: Activity, name: ActivationName) -> str:
    """Say what one filter does on all test images, and how much of a gradient gets through."""
    images, cells = measured.images, measured.images * measured.cells
    if measured.dead[0]:
        return PROSE.text("one filter dead", images=images, cells=cells)
    if name in RANGES:
        low, high = ends(name)
        share = measured.saturated[0]
        sentence = PROSE.text(
            "one filter saturated", images=images, share=share, cells=cells, low=low, high=high
        )
    elif measured.zero[0] == 0:
        sentence = PROSE.text("one filter never zero", images=images, cells=cells)
    else:
        share, awake = measured.zero[0], formatting.accuracy(measured.awake[0], images)
        sentence = PROSE.text("one filter", images=images, share=share, cells=cells, awake=awake)
    return f"{sentence} {PROSE.text('one filter slope', slope=measured.slope[0])}"


def _show_layer(page: LessonPage) -> None:
    """Choose a layer of the current run, and show what its units do on all test images.

    The example run stands in for a run that has nothing to show.
    """
    run = chosen_run(page.session)
    if not run.kept or not observable_layers(run):
        run = example().run
    layers = observable_layers(run)
    titles = {
        str(number): formatting.layer_title(layer) for number, layer in enumerate(layers, start=1)
    }
    layer = layers[int(page.choice("layer", "Layer", titles, str(len(layers)))) - 1]
    name = "Example run" if run.id == services.EXAMPLE_RUN else "Current run"
    st.caption(f"{name}: {formatting.network(run.job.network)}")
    measured = on_test_images("activity", run, activity, layer.name)
    show = partial(_show_activity, page, run, layer)
    when_there(measured, "Running the test images through the network", show)


def observable_layers(run: Run) -> tuple[Layer, ...]:
    """Return the activations that can saturate or die: sigmoid, tanh and ReLU."""
    return tuple(
        layer
        for layer in inner_activations(services.run_plan(run))
        if isinstance(layer.operation, Activation) and layer.operation.name in ("relu", *RANGES)
    )


def _show_activity(page: LessonPage, run: Run, layer: Layer, measured: Activity) -> None:
    assert isinstance(layer.operation, Activation)
    name, unit = layer.operation.name, "filter" if len(layer.output_shape) == 3 else "unit"
    if name in RANGES:
        ranking = measured.saturated
        low, high = (significant(end) for end in ends(name))
        table = pd.DataFrame({f"below {low}": measured.low, f"above {high}": measured.high})
        _bars(table, unit, np.argsort(-ranking, kind="stable"), "share of outputs")
        sentences = PROSE.text(
            "saturated units",
            share=ranking.mean(),
            outputs=measured.images * measured.cells * len(ranking),
            low_share=measured.low.mean(),
            low=low,
            high_share=measured.high.mean(),
            high=high,
            unit=unit.capitalize(),
            worst=ranking.argmax() + 1,
            worst_share=ranking.max(),
            slope=measured.slope.mean(),
            steepest=derivative(np.zeros(1, np.float32), name)[0],
        )
    else:
        ranking = measured.zero
        table = pd.DataFrame({"0": ranking})
        _bars(table, unit, np.arange(len(ranking)), "share of outputs that are 0")
        sentences = zeros_in_words(measured, unit)
    st.markdown(sentences)
    most = int(ranking.argmax())
    in_inspect = to_text(Unit(layer.name, most), services.run_plan(run))
    page.to_inspect(f"Open {unit} {most + 1} in Inspect", run.id, unit=in_inspect)


def zeros_in_words(measured: Activity, unit: str) -> str:
    """Say how much of a ReLU layer is 0, and which filters or units are dead or rarely active."""
    outputs = measured.images * measured.cells * len(measured.zero)
    sentences = [PROSE.text("zeros", share=measured.zero.mean(), outputs=outputs)]
    dead, count = measured.dead.sum(), len(measured.dead)
    rare = ((measured.awake < RARELY) & ~measured.dead).sum()
    if dead:
        sentences.append(PROSE.text("dead units", dead=dead, count=count, unit=unit))
    else:
        least = float(measured.awake.min())
        often = "all" if least == 1 else f"at least {formatting.accuracy(least, measured.images)}"
        part = PROSE.options("parts")["map"]
        sentences.append(PROSE.text("no dead units", unit=unit, often=often, part=part))
    if rare:
        sentences.append(PROSE.text("rarely active units", rare=rare, limit=RARELY))
    return " ".join(sentences)


def _bars(shares: pd.DataFrame, unit: str, order: Numbers, title: str) -> None:
    """Draw one bar per unit, in this order; each column of `shares` is a part of the bars."""
    parts = [str(part) for part in shares]
    means = ", ".join(f"{part}: {formatting.percent(shares[part].mean())}" for part in parts)
    colors = alt.Scale(domain=parts, range=[NEGATIVE, POSITIVE][-len(parts) :])
    legend = alt.Legend(orient="top", title=None) if len(parts) > 1 else None
    units = alt.Axis(labels=len(order) <= 20, ticks=False, labelAngle=0)
    x = alt.X(f"{unit}:O", sort=(order + 1).tolist(), title=f"{unit}s", axis=units)
    y = alt.Y("share:Q", title=title).axis(format="%").scale(domain=[0, 1])
    color = alt.Color("output:N", scale=colors, legend=legend)
    tooltip = [unit, "output", *tooltips(".1%", "share")]
    table = shares.assign(**{unit: range(1, len(shares) + 1)})
    bars = alt.Chart(table.melt(unit, var_name="output", value_name="share")).mark_bar()
    chart = bars.encode(x, y, color, tooltip=tooltip)
    chart = chart.properties(height=260, padding=CHART_PADDING)
    st.altair_chart(chart, alt=f"{title} per {unit}. On average, {means}.")
