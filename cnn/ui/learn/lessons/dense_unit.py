"""What one unit of a dense layer adds up: one part of the lesson on dense layers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork, on_a_garment
from cnn.ui.learn.figure import layers_at_work
from cnn.ui.learn.formula import tex, tex_in_brackets
from cnn.ui.learn.next_steps import to_inspect
from cnn.ui.state.session import Session

_DRAWN = {"list": "Largest first", "maps": "Back as maps"}


def show(
    session: Session,
    setup: Setup,
    text: DeltaGenerator,
    picture: DeltaGenerator,
    ask: Callable[[], None],
) -> None:
    """A unit of the dense layer, with all that it adds up for an image."""
    with picture:
        at_work = on_a_garment(session, setup.lesson)
        units = at_work.plan.layer("dense_1").output_shape[0]
        left, right = st.columns(2)
        with left:
            unit = setup.whole("unit", "Unit of Dense 1", 1, units, 1)
        with right:
            drawn = setup.choice("as", "Its contributions", _DRAWN, "list")
        if drawn == "list":
            _as_a_list(setup, at_work, unit)
        else:
            _as_maps(setup, at_work, unit)
    with text:
        _words(at_work, unit, drawn)
        ask()
        to_inspect(
            session, "This unit in Inspect", at_work.run.id, at_work.number, f"dense_1-unit{unit}"
        )


def _as_a_list(setup: Setup, at_work: AtWork, unit: int) -> None:
    plan = at_work.plan.upto("dense_activation_1")
    key = setup.key("chosen")
    set_to, chosen = st.session_state.get(key, (None, ""))

    def choose(name: str) -> None:
        layer, _, number = name.partition("-unit")
        there = int(number) if layer.startswith("dense") else unit
        st.session_state[setup.key("unit")] = there
        st.session_state[key] = there, name

    layers_at_work(
        f"learn-{setup.lesson}-unit",
        plan,
        at_work.weights[: plan.parameters],
        at_work.image,
        at_work.data.classes,
        unit=chosen if set_to == unit else f"dense_1-unit{unit}",
        enlarged=1,
        first="pooling_2",
        on_choice=choose,
    )


def _as_maps(setup: Setup, at_work: AtWork, unit: int) -> None:
    layers, weights = as_convolution(at_work, unit)
    layers_at_work(
        f"learn-{setup.lesson}-maps-{unit}",
        layers,
        weights,
        at_work.image,
        unit="convolution_3-map1-row1-column1",
        enlarged=1,
        first="pooling_2",
    )


def as_convolution(at_work: AtWork, unit: int) -> tuple[Plan, NDArray[np.float32]]:
    """A unit, counted from 1, as what it also is: a convolution with a kernel as large as the maps.

    Returns the layers up to it and their flat weights.
    """
    height, _, _ = at_work.plan.layer("flatten").input_shape
    whole = ConvolutionBlock(1, height, activation=Activation("linear"), pooling=None)
    network = replace(
        at_work.run.job.network, blocks=(*at_work.run.job.network.blocks, whole), dense=()
    )
    layers = plan(network, at_work.plan.image_shape, at_work.plan.classes).upto("convolution_3")
    arrays = at_work.plan.split(at_work.weights)
    before = at_work.plan.upto("pooling_2").parameters
    weights = np.concatenate(
        [
            at_work.weights[:before],
            arrays["dense_1/kernel"][:, unit - 1],
            arrays["dense_1/bias"][unit - 1 : unit],
        ]
    )
    return layers, weights


def _words(at_work: AtWork, unit: int, drawn: str) -> None:
    layer = at_work.plan.layer("dense_1")
    arrays = at_work.plan.split(at_work.weights)
    bias = float(arrays["dense_1/bias"][unit - 1])
    products = at_work.outputs["flatten"] * arrays["dense_1/kernel"][:, unit - 1]
    total = float(at_work.outputs["dense_1"][unit - 1])
    after = float(at_work.outputs["dense_activation_1"][unit - 1])
    inputs = layer.input_shape[0]
    st.markdown(
        f"A **fully connected** (*dense*) unit reads all {inputs} numbers $x_i$, each through a weight"
        f" $w_i$ of its own, adds the products up and adds its bias $b$. Here"
        f" {(products > 0).sum()} of the products speak for the unit (blue) and add"
        f" {formatting.number(float(products[products > 0].sum()))};"
        f" {(products < 0).sum()} speak against it (orange) and take"
        f" {formatting.number(float(-products[products < 0].sum()))} away."
    )
    st.latex(
        rf"""\begin{{aligned}}
        z &= w_1 x_1 + w_2 x_2 + \dots \\
        &\quad + w_{{{inputs}}} x_{{{inputs}}} + b \\
        &= {tex(total - bias)} + {tex_in_brackets(bias)} \\
        &= {tex(total)}
        \end{{aligned}}"""
    )
    st.markdown("Then comes the activation function, here sigmoid:")
    st.latex(
        rf"\frac{{1}}{{1 + e^{{-z}}}} = \frac{{1}}{{1 + e^{{-{tex_in_brackets(total)}}}}} = {tex(after)}"
    )
    if drawn == "maps":
        st.markdown(
            "The same weights, each put back where its number comes from: a kernel as large as the"
            " maps (Kernels 3), which fits in one place only. A dense unit is a convolution that"
            " cannot slide."
        )
    st.code(
        f'keras.layers.Dense({layer.output_shape[0]}, activation="sigmoid")',
        language="python",
        wrap_lines=True,
    )
