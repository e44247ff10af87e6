"""Lesson Activation functions: how saturated, at rest or dead the units of a trained network are."""

from concurrent.futures import Future
from functools import partial

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.derivative import derivative
from cnn.inspection.features.saturation import RANGES, Activity, activity, ends, inner_activations
from cnn.inspection.units import Unit, to_text
from cnn.network.layers import Layer
from cnn.network.plan import Plan
from cnn.network.spec import Activation, ActivationName
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.page import chosen_run
from cnn.ui.common.theme import NEGATIVE, POSITIVE
from cnn.ui.common.waiting import when_there
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.lessons import activation_map
from cnn.ui.learn.next_steps import to_inspect
from cnn.ui.state import services
from cnn.ui.state.session import Session

RARELY = 0.05
"""Awake for less than this share of the images, a unit is said to be so rarely."""


def show(session: Session, setup: Setup) -> None:
    """Choose a layer of the run looked at, and see what its units do on all test images."""
    run = _run(session)
    layers = watched(run)
    names = {str(n): formatting.layer_title(layer) for n, layer in enumerate(layers, start=1)}
    chosen = layers[int(setup.choice("layer", "Layer", names, str(len(layers)))) - 1]
    shipped = run.id == services.EXAMPLE_RUN
    st.caption(
        f"{'The shipped run' if shipped else 'The run looked at'}: {formatting.network(run.job.network)}"
    )
    when_there(
        activity_of(run, chosen.name),
        "Running the test images through the network",
        partial(_draw, session, run, chosen),
    )


def watched(run: Run) -> tuple[Layer, ...]:
    """The activations that can be saturated or dead: sigmoid, tanh and ReLU."""
    return tuple(
        layer
        for layer in inner_activations(services.run_plan(run))
        if isinstance(layer.operation, Activation)
        and (layer.operation.name == "relu" or layer.operation.name in RANGES)
    )


def activity_of(run: Run, layer: str) -> Future[Activity]:
    """What the units of an activation layer do on the run's test images, at its last epoch."""
    images = len(services.chosen(run.job.data).test)
    if services.run_plan(run).multiply_accumulates * images < services.HEAVY:
        known: Future[Activity] = Future()
        known.set_result(_activity(run.id, run.kept[-1], layer))
        return known
    key = run.id, run.kept[-1], layer
    return services.ask("activity", key, activity, *_given(run, run.kept[-1]), layer)


@st.cache_resource(show_spinner="Reading the test images with this network …", max_entries=64)
def _activity(run_id: str, epoch: int, layer: str) -> Activity:
    return activity(*_given(services.run_store().run(run_id), epoch), layer)


def _given(run: Run, epoch: int) -> tuple[Plan, NDArray[np.float32], NDArray[np.uint8]]:
    """The network, its weights and its test images."""
    data = services.chosen(run.job.data)
    images = data.dataset.images[data.test]
    return services.run_plan(run), services.weights(run.id, epoch), images


def _run(session: Session) -> Run:
    """The run looked at, or the shipped one where that has nothing to show."""
    run = chosen_run(session)
    if run.kept and watched(run):
        return run
    return services.run_store().run(services.EXAMPLE_RUN)


def _draw(session: Session, run: Run, layer: Layer, found: Activity) -> None:
    assert isinstance(layer.operation, Activation)
    name, unit = layer.operation.name, unit_word(layer)
    if name in RANGES:
        order = np.argsort(-found.saturated, kind="stable")
        low, high = (
            f"{word} {end:g}".replace("-", "−")
            for word, end in zip(("below", "above"), ends(name), strict=True)
        )
        _bars({low: found.low, high: found.high}, unit, order, "share of outputs")
        st.markdown(_saturated(found, name, unit, (low, high)))
    else:
        order = np.arange(len(found.zero))
        _bars({"0": found.zero}, unit, order, "share of outputs that are 0")
        st.markdown(at_rest(found, unit))
    worst = int((found.saturated if name in RANGES else found.zero).argmax())
    one = to_text(Unit(layer.name, worst), services.run_plan(run))
    to_inspect(session, f"See {unit} {worst + 1} in Inspect", run.id, unit=one)


def unit_word(layer: Layer) -> str:
    """What the numbers of a layer belong to."""
    return "filter" if len(layer.output_shape) == 3 else "unit"


def _saturated(found: Activity, name: ActivationName, unit: str, parts: tuple[str, str]) -> str:
    steepest = float(derivative(np.zeros(1, np.float32), name)[0])
    worst = int(found.saturated.argmax())
    low, high = (formatting.percent(float(one.mean())) for one in (found.low, found.high))
    return (
        f"**{formatting.percent(float(found.saturated.mean()))}** of the {_outputs(found)} outputs are"
        f" saturated: {low} lie {parts[0]}, {high} {parts[1]}. {unit.capitalize()} {worst + 1} is"
        f" saturated most, in {formatting.percent(float(found.saturated[worst]))} of its outputs. The mean"
        f" slope is {formatting.number(float(found.slope.mean()))}; at x = 0 it would be"
        f" {formatting.number(steepest)}."
    )


def at_rest(found: Activity, unit: str) -> str:
    """How much of a ReLU layer is 0, and which of its filters or units are dead or rarely awake."""
    count = len(found.zero)
    sentences = [
        f"**{formatting.percent(float(found.zero.mean()))}** of the {_outputs(found)} outputs are 0."
    ]
    dead, rare = int(found.dead.sum()), int(((found.awake < RARELY) & ~found.dead).sum())
    if dead:
        sentences.append(
            f"{dead} of {count} {unit}s {'is' if dead == 1 else 'are'} **dead**: 0 on every test image."
        )
    else:
        least = int(found.awake.argmin())
        awake = formatting.accuracy(float(found.awake[least]), found.images)
        often = (
            f"on at least {awake} of the test images"
            if found.awake[least] < 1
            else "on every test image"
        )
        sentences.append(
            f"**No {unit} is dead**: each gives something above 0 {often}. How one dies is shown under"
            f" “{activation_map.TITLE}”."
        )
    if rare:
        sentences.append(
            f"{rare} {'is' if rare == 1 else 'are'} awake on less than {formatting.percent(RARELY, 0)} of the"
            " images."
        )
    return " ".join(sentences)


def _outputs(found: Activity) -> str:
    return formatting.thousands(found.images * found.cells * len(found.zero))


def _bars(
    shares: dict[str, NDArray[np.float64]], unit: str, order: NDArray[np.int64], title: str
) -> None:
    """A bar a unit, in this order, of one part or several."""
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
                f"{unit}:O", sort=[int(one) + 1 for one in order], title=f"{unit}s", axis=labels
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
        f"{part}: {formatting.percent(float(one.mean()))}" for part, one in shares.items()
    )
    st.altair_chart(chart.properties(height=260), alt=f"{title} by {unit}; on average {means}.")
