"""Where the parameters are: one part of the lesson on dense layers."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.network.keras_code import keras_code
from cnn.network.layers import Convolution
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import POOL_SIZE, UNITS, Network, Pooling
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.formula import tex_count
from cnn.ui.learn.lessons.dense_chart import shares
from cnn.ui.learn.next_steps import to_build
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA

_BRIDGES = {"flatten": "Flatten", "average": "Global average"}


def show(
    session: Session,
    setup: Setup,
    text: DeltaGenerator,
    picture: DeltaGenerator,
    ask: Callable[[], None],
) -> None:
    """The article's network with what leads to its dense layer changed, and what each layer costs."""
    with picture:
        network = _network(setup)
        data = services.chosen(DEFAULT_DATA)
        unrolled = plan(network, data.image_shape, len(data.classes))
        _costs(unrolled)
    with text:
        _words(unrolled)
        ask()
        to_build(session, "This network in Build", network)


def _network(setup: Setup) -> Network:
    left, middle, right = st.columns([1.4, 1, 1])
    with left:
        bridge = setup.choice("bridge", "From maps to a row", _BRIDGES, "flatten")
    with middle:
        units = setup.whole(
            "units", "Units of Dense 1", int(UNITS.low), int(UNITS.high), ARTICLE.dense[0].units
        )
    with right:
        window = setup.whole(
            "window",
            "Window of pooling 2",
            int(POOL_SIZE.low),
            int(POOL_SIZE.high),
            2,
            help="Along one side, moved by as much; 1 leaves the maps as they are.",
        )
    last = replace(ARTICLE.blocks[-1], pooling=Pooling("max", window, window))
    return replace(
        ARTICLE,
        blocks=(*ARTICLE.blocks[:-1], last),
        bridge="flatten" if bridge == "flatten" else "global_average",
        dense=(replace(ARTICLE.dense[0], units=units),),
    )


def _costs(unrolled: Plan) -> None:
    """What each layer costs, as bars."""
    _bars("Parameters", unrolled, [layer.parameters for layer in unrolled.layers])
    _bars("Multiplications", unrolled, [layer.multiply_accumulates for layer in unrolled.layers])


def _bars(title: str, unrolled: Plan, counts: list[int]) -> None:
    """How much of something each layer has that has any."""
    total = sum(counts)
    table = pd.DataFrame(
        {
            "layer": f"{formatting.layer_title(layer)}: {formatting.thousands(count)}, "
            + formatting.percent(count / total),
            "share": count / total,
        }
        for layer, count in zip(unrolled.layers, counts, strict=True)
        if count
    )
    told = "; ".join(table["layer"])
    st.markdown(f"**{title}**: {formatting.thousands(total)}")
    st.altair_chart(shares(table), alt=f"{title}. {told}", key=f"learn-dense-{title}")


def _words(unrolled: Plan) -> None:
    dense = unrolled.layer("dense_1")
    inputs, units = dense.input_shape[0], dense.output_shape[0]
    sliding = [one for one in unrolled.layers if isinstance(one.operation, Convolution)]
    few = sum(one.parameters for one in sliding) / unrolled.parameters
    many = sum(one.multiply_accumulates for one in sliding) / unrolled.multiply_accumulates
    st.markdown(
        "Every unit has a weight for **each** number that it reads, and a bias. So a dense layer that"
        " reads whole maps soon has most of a network's parameters. Here it has"
        f" {formatting.percent(dense.parameters / unrolled.parameters, 0)}:"
    )
    st.latex(
        rf"""\begin{{aligned}}
        &\text{{units}} \cdot (\text{{inputs}} + 1) \\
        &= {units} \cdot ({inputs} + 1) = {tex_count(dense.parameters)} \\
        &\frac{{{tex_count(dense.parameters)}}}{{{tex_count(unrolled.parameters)}}} = {100 * dense.parameters / unrolled.parameters:.1f}\,\%
        \end{{aligned}}"""
    )
    st.markdown(
        f"A convolution uses its few weights again at every place. The two here have"
        f" {formatting.percent(few)} of the parameters and do {formatting.percent(many, 0)} of the"
        " multiplications, each with an addition. Parameters take memory, multiplications time."
    )
    st.code(_changed_lines(unrolled), language="python", wrap_lines=True)


def _changed_lines(unrolled: Plan) -> str:
    """From the last pooling to the dense layer."""
    lines = [line.strip() for line in keras_code(unrolled).splitlines()]
    dense = next(at for at, line in enumerate(lines) if line.startswith("layers.Dense"))
    return "\n".join(lines[dense - 2 : dense + 1])
