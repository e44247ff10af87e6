"""Lesson: Flatten and fully connected. From maps to a row of numbers, and to one sum per unit."""

from dataclasses import replace

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.units import UnitError, from_text
from cnn.network.keras_code import keras_code
from cnn.network.layers import Convolution
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import POOL_SIZE, UNITS, Activation, ConvolutionBlock, Network, Pooling
from cnn.ui.common import formatting
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.prose import read_prose, significant, tex, tex_count, tex_in_parentheses
from cnn.ui.common.theme import POSITIVE, QUIET
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import Example, choose_item, network_figure, text_and_figure
from cnn.ui.learn.next_steps import to_build, to_inspect
from cnn.ui.learn.question import ask
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA

PROSE = read_prose("dense")

_TITLES = {
    "flatten": "Where each cell goes",
    "unit": "What a unit adds up",
    "parameters": "What it costs",
}
_CELL = ("row", "column", "map")
_VIEWS = {"list": "Largest first", "maps": "As maps"}
_BRIDGES = {"flatten": "Flatten", "average": "Global average"}


def show(session: Session, controls: Controls) -> None:
    """Draw the chosen part, and the question that belongs to all of them."""
    part = controls.part("part", _TITLES, "flatten")
    {"flatten": _flatten, "unit": _unit, "parameters": _costs}[part](session, controls)


def _ask(controls: Controls) -> None:
    """Ask what global average pooling does to the parameters of the starter network."""
    data = services.chosen(DEFAULT_DATA)
    shapes = data.image_shape, len(data.classes)
    flat = plan(ARTICLE, *shapes).layer("dense_1")
    averaged = plan(replace(ARTICLE, flattening="global_average"), *shapes).layer("dense_1")
    [units], [inputs], [means] = flat.output_shape, flat.input_shape, averaged.input_shape
    ask(
        controls,
        PROSE,
        units=units,
        inputs=inputs,
        means=means,
        ratio=inputs // means,
        weights=formatting.thousands(units * means),
        parameters=formatting.thousands(flat.parameters),
        parameters_divided=formatting.thousands(flat.parameters * means // inputs),
        parameters_averaged=formatting.thousands(averaged.parameters),
    )


def _flatten(session: Session, controls: Controls) -> None:
    """Choose a cell of the last maps by its row, column and map; show its position in the row."""
    text, figure = text_and_figure()
    with figure:
        example = choose_item(session, controls.lesson)
        shape = example.plan.layer("flatten").input_shape
        cell = []
        for column, name, size, default in zip(st.columns(3), _CELL, shape, (2, 1, 5), strict=True):
            cell.append(controls.whole(name, name.capitalize(), 1, size, default, at=column))
        position = int(np.ravel_multi_index([number - 1 for number in cell], shape)) + 1
        _flatten_figure(controls, example, tuple(cell), f"flatten-unit{position}")
    with text:
        _explain_flatten(example, tuple(cell), position)
        _ask(controls)
        to_inspect(
            session,
            "Open this position in Inspect",
            example.run.id,
            example.number,
            f"flatten-unit{position}",
        )


def _flatten_figure(
    controls: Controls, example: Example, cell: tuple[int, ...], position: str
) -> None:
    """Draw the layers. A click on a cell or a position sets the sliders; they select the position."""
    layers = example.plan.upto("dense_1")
    key = controls.key("chosen")
    for_cell, unit = st.session_state.get(key, (None, position))

    def choose(clicked: str) -> None:
        clicked_cell = _cell(clicked, layers)
        for name, number in zip(_CELL, clicked_cell or cell, strict=True):
            st.session_state[controls.key(name)] = number
        st.session_state[key] = (None, "") if clicked_cell else (cell, clicked)

    network_figure(
        f"learn-{controls.lesson}-flatten",
        _picture(example, layers),
        unit if for_cell == cell else position,
        choose,
    )


def _picture(example: Example, layers: Plan) -> Picture:
    weights = example.weights[: layers.parameters]
    return Picture(layers, weights, example.image, example.data.classes, first="pooling_2")


def _cell(name: str, layers: Plan) -> tuple[int, ...] | None:
    """Return row, column and map, from 1, of an input or output of Flatten; None for other numbers."""
    try:
        unit = from_text(name, layers)
    except UnitError:
        return None
    if unit.layer == "flatten":
        place = np.unravel_index(unit.channel, layers.layer("flatten").input_shape)
        return tuple(int(number) + 1 for number in place)
    if unit.layer == "pooling_2" and unit.row is not None:
        return tuple(number + 1 for number in unit.place)
    return None


def _explain_flatten(example: Example, cell: tuple[int, ...], position: int) -> None:
    height, width, maps = example.plan.layer("flatten").input_shape
    row, column, channel = cell
    count = height * width * maps
    PROSE.show(
        "flatten",
        shape=formatting.shape((height, width, maps)),
        count=count,
        width=width,
        maps=maps,
        row_length=width * maps,
        rows_before=row - 1,
        columns_before=column - 1,
        map=channel,
        position=position,
        value=significant(float(example.outputs["flatten"][position - 1])),
        index=position - 1,
    )
    st.code(f"keras.layers.Flatten()\n# ({height}, {width}, {maps}) → ({count},)", wrap_lines=True)


def _unit(session: Session, controls: Controls) -> None:
    """Choose a unit of the dense layer; show everything that it adds up for an image."""
    text, figure = text_and_figure()
    with figure:
        example = choose_item(session, controls.lesson)
        [units] = example.plan.layer("dense_1").output_shape
        left, right = st.columns(2)
        unit = controls.whole("unit", "Unit of Dense 1", 1, units, 1, at=left)
        view = controls.choice("as", "Show its products", _VIEWS, "list", at=right)
        if view == "list":
            _products_figure(controls, example, unit)
        else:
            layers, weights = unit_as_convolution(example, unit)
            network_figure(
                f"learn-{controls.lesson}-maps-{unit}",
                Picture(layers, weights, example.image, (), first="pooling_2"),
                "convolution_3-map1-row1-column1",
            )
    with text:
        _explain_unit(example, unit, view)
        _ask(controls)
        to_inspect(
            session,
            "Open this unit in Inspect",
            example.run.id,
            example.number,
            f"dense_1-unit{unit}",
        )


def _products_figure(controls: Controls, example: Example, unit: int) -> None:
    layers = example.plan.upto("dense_activation_1")
    key = controls.key("chosen")
    for_unit, name = st.session_state.get(key, (None, ""))

    def choose(clicked: str) -> None:
        layer, _, number = clicked.partition("-unit")
        clicked_unit = int(number) if layer.startswith("dense") else unit
        st.session_state[controls.key("unit")] = clicked_unit
        st.session_state[key] = clicked_unit, clicked

    network_figure(
        f"learn-{controls.lesson}-unit",
        _picture(example, layers),
        name if for_unit == unit else f"dense_1-unit{unit}",
        choose,
    )


def unit_as_convolution(example: Example, unit: int) -> tuple[Plan, NDArray[np.float32]]:
    """Return a unit (from 1) as an equal convolution whose kernel is as large as the maps.

    Returns the layers up to it and their flat weights.
    """
    height, _, _ = example.plan.layer("flatten").input_shape
    network = example.run.job.network
    last = ConvolutionBlock(1, height, activation=Activation("linear"), pooling=None)
    network = replace(network, blocks=(*network.blocks, last), dense=())
    whole = plan(network, example.plan.image_shape, example.plan.classes)
    arrays = example.plan.split(example.weights)
    weights = np.concatenate(
        [
            example.weights[: example.plan.upto("pooling_2").parameters],
            arrays["dense_1/kernel"][:, unit - 1],
            arrays["dense_1/bias"][unit - 1 : unit],
        ]
    )
    return whole.upto("convolution_3"), weights


def _explain_unit(example: Example, unit: int, view: str) -> None:
    layer = example.plan.layer("dense_1")
    arrays = example.plan.split(example.weights)
    bias = float(arrays["dense_1/bias"][unit - 1])
    products = example.outputs["flatten"] * arrays["dense_1/kernel"][:, unit - 1]
    total = float(example.outputs["dense_1"][unit - 1])
    after = float(example.outputs["dense_activation_1"][unit - 1])
    [inputs] = layer.input_shape
    PROSE.show(
        "unit",
        inputs=inputs,
        positive_count=int((products > 0).sum()),
        positive_sum=significant(products[products > 0].sum()),
        negative_count=int((products < 0).sum()),
        negative_sum=significant(-products[products < 0].sum()),
        products=tex(total - bias),
        bias=tex_in_parentheses(bias),
        z=tex(total),
        minus_z=tex_in_parentheses(total),
        after=tex(after),
    )
    if view == "maps":
        PROSE.show("as maps")
    st.code(
        f'keras.layers.Dense({layer.output_shape[0]}, activation="sigmoid")',
        wrap_lines=True,
    )


def _costs(session: Session, controls: Controls) -> None:
    """Change what leads to the dense layers of the starter network; show what each layer costs."""
    text, figure = text_and_figure()
    with figure:
        network = _choose_network(controls)
        data = services.chosen(DEFAULT_DATA)
        layers = plan(network, data.image_shape, len(data.classes))
        _cost_chart("Parameters", layers, [layer.parameters for layer in layers.layers])
        _cost_chart(
            "Multiplications", layers, [layer.multiply_accumulates for layer in layers.layers]
        )
    with text:
        _explain_costs(layers)
        _ask(controls)
        to_build(session, "Open this network in Build", network)


def _choose_network(controls: Controls) -> Network:
    left, middle, right = st.columns([1.4, 1, 1])
    [hidden] = ARTICLE.dense
    bridge = controls.choice("bridge", "After the last block", _BRIDGES, "flatten", at=left)
    units = controls.whole(
        "units", "Units of Dense 1", int(UNITS.low), int(UNITS.high), hidden.units, at=middle
    )
    window = controls.whole(
        "window",
        "Window of pooling 2",
        int(POOL_SIZE.low),
        int(POOL_SIZE.high),
        2,
        help="Rows and columns of the window, and also its stride. 1 leaves the maps unchanged.",
        at=right,
    )
    last = replace(ARTICLE.blocks[-1], pooling=Pooling("max", window, window))
    return replace(
        ARTICLE,
        blocks=(*ARTICLE.blocks[:-1], last),
        flattening="flatten" if bridge == "flatten" else "global_average",
        dense=(replace(hidden, units=units),),
    )


def _cost_chart(title: str, layers: Plan, counts: list[int]) -> None:
    """Show how much of a cost each layer has, as bars on a pale bar for the whole."""
    total = sum(counts)
    table = pd.DataFrame(
        {
            "layer": f"{formatting.layer_title(layer)}: {formatting.thousands(count)}, "
            + formatting.percent(count / total),
            "share": count / total,
            "whole": 1,
        }
        for layer, count in zip(layers.layers, counts, strict=True)
        if count
    )
    st.markdown(f"**{title}**: {formatting.thousands(total)}")
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(table).encode(
        y=alt.Y("layer:N", sort=None, title=None, axis=alt.Axis(labelLimit=240))
    )
    whole = base.mark_bar(color=QUIET, opacity=0.2).encode(
        x=alt.X("whole:Q", scale=scale, axis=None)
    )
    bars = base.mark_bar(color=POSITIVE).encode(x=alt.X("share:Q", scale=scale, axis=None))
    st.altair_chart(
        alt.layer(whole, bars).properties(height=alt.Step(30), padding=CHART_PADDING),
        alt=f"{title}. {'; '.join(table['layer'])}",
        key=f"learn-dense-{title}",
    )


def _explain_costs(layers: Plan) -> None:
    dense = layers.layer("dense_1")
    [inputs], [units] = dense.input_shape, dense.output_shape
    convolutions = [layer for layer in layers.layers if isinstance(layer.operation, Convolution)]
    parameters = sum(layer.parameters for layer in convolutions) / layers.parameters
    operations = sum(layer.multiply_accumulates for layer in convolutions)
    share = dense.parameters / layers.parameters
    PROSE.show(
        "costs",
        share=formatting.percent(share, 0),
        units=units,
        inputs=inputs,
        dense=tex_count(dense.parameters),
        all=tex_count(layers.parameters),
        exact_share=f"{100 * share:.1f}",
        parameters=formatting.percent(parameters),
        multiplications=formatting.percent(operations / layers.multiply_accumulates, 0),
    )
    lines = [line.strip() for line in keras_code(layers).splitlines()]
    first_dense = next(n for n, line in enumerate(lines) if line.startswith("layers.Dense"))
    st.code("\n".join(lines[first_dense - 2 : first_dense + 1]), wrap_lines=True)
