"""Lesson: Activation functions. How units saturate and die: one filter, or a layer of a run."""

from concurrent.futures import Future
from dataclasses import replace
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
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ActivationName, Network
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.page import chosen_run
from cnn.ui.common.prose import read_prose
from cnn.ui.common.theme import NEGATIVE, POSITIVE
from cnn.ui.common.waiting import when_there
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.example_run import Example, choose_item, example
from cnn.ui.learn.figure import network_figure
from cnn.ui.learn.formula import significant
from cnn.ui.learn.next_steps import to_inspect
from cnn.ui.state import services
from cnn.ui.state.session import Session

PROSE = read_prose("activations")

MAP_PART = "On a feature map"
LARGEST_DROP = 3.2
"""How far the bias can be lowered: enough for every filter of the example run to die."""

RARELY = 0.05
"""A unit is called rarely active if it is above 0 for less than this share of the images."""


def show_filter(session: Session, controls: Controls, activation: Activation) -> None:
    """Draw one filter of the example run with this activation, and measure it on the test images."""
    item = choose_item(session, controls.lesson)
    filter_place, bias_place = st.columns(2)
    filters = item.plan.layer("convolution_1").output_shape[2]
    names = {str(number): str(number) for number in range(1, filters + 1)}
    with filter_place:
        number = controls.choice("filter", "Filter of Convolution 1", names, "1")
    with bias_place:
        lowered = controls.decimal("lowered", "Lower its bias by", 0.0, LARGEST_DROP, 0.0, 0.1)
    layers, weights = one_filter(item, int(number) - 1, lowered, activation)
    map = forward(layers, weights, item.image[None])["activation_1"][0, ..., 0]
    row, column = np.unravel_index(map.argmax(), map.shape)
    unit = to_text(Unit("activation_1", 0, int(row), int(column)), layers)
    # One scale for both maps shows what the function makes smaller.
    network_figure(controls.key("picture"), layers, weights, item.image, unit=unit, scale="network")
    measured = _filter_activity(activation.name, activation.slope, int(number) - 1, lowered)
    st.markdown(filter_in_words(measured, activation.name))


def one_filter(
    item: Example, filter: int, lowered: float, activation: Activation
) -> tuple[Plan, NDArray[np.float32]]:
    """Return the first block with one filter, a lower bias and an activation, and its flat weights."""
    block = replace(item.plan.network.blocks[0], filters=1, activation=activation, pooling=None)
    whole = plan(Network((block,)), item.plan.image_shape, item.plan.classes)
    arrays = item.plan.split(item.weights)
    kernel, bias = arrays["convolution_1/kernel"], arrays["convolution_1/bias"]
    weights = np.append(kernel[..., filter], bias[filter] - np.float32(lowered))
    return whole.upto("activation_1"), weights


@st.cache_resource(show_spinner="Reading the test images with this filter …", max_entries=512)
def _filter_activity(name: ActivationName, slope: float, filter: int, lowered: float) -> Activity:
    item = example()
    layers, weights = one_filter(item, filter, lowered, Activation(name, slope))
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
    images = len(services.chosen(run.job.data).test)
    if services.run_plan(run).multiply_accumulates * images < services.HEAVY:
        known: Future[Activity] = Future()
        known.set_result(_cached_activity(run.id, run.kept[-1], layer))
        return known
    key = run.id, run.kept[-1], layer
    return services.ask("activity", key, activity, *_network_and_images(run, run.kept[-1]), layer)


@st.cache_resource(show_spinner="Reading the test images with this network …", max_entries=64)
def _cached_activity(run_id: str, epoch: int, layer: str) -> Activity:
    return activity(*_network_and_images(services.run_store().run(run_id), epoch), layer)


def _network_and_images(
    run: Run, epoch: int
) -> tuple[Plan, NDArray[np.float32], NDArray[np.uint8]]:
    """Return a run's network, its weights and its test images."""
    data = services.chosen(run.job.data)
    images = data.dataset.images[data.test]
    return services.run_plan(run), services.weights(run.id, epoch), images


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
    st.altair_chart(chart.properties(height=260), alt=f"{title} per {unit}. On average, {means}.")
