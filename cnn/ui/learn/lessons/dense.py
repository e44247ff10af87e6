"""Lesson: Flatten and fully connected. From maps to a row of numbers, and to one sum per unit."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from cnn.inspection.units import UnitError, from_text
from cnn.lessons.unit_as_convolution import unit_as_convolution
from cnn.network.keras_code import keras_code
from cnn.network.layers import Convolution
from cnn.network.plan import Plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import POOL_SIZE, UNITS, Network, Pooling
from cnn.ui.common import formatting
from cnn.ui.common.charts import draw
from cnn.ui.common.prose import read_prose
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.charts import share_bars
from cnn.ui.learn.figure import Example, choose_item, network_figure, planned
from cnn.ui.learn.lesson_page import LessonPage

PROSE = read_prose("dense")

_Followed = tuple[dict[str, int], str | None]
"""Where a click moves the sliders, and what is then selected: None for what belongs to them."""


def show(page: LessonPage) -> None:
    part = page.part()
    {"flatten": _flatten, "unit": _unit, "parameters": _costs}[part](page)


def _ask(page: LessonPage) -> None:
    """Ask what global average pooling does to the parameters of the starter network."""
    flat = planned(ARTICLE).layer("dense_1")
    averaged = planned(replace(ARTICLE, flattening="global_average")).layer("dense_1")
    [units], [inputs], [means] = flat.output_shape, flat.input_shape, averaged.input_shape
    page.ask(
        units=units,
        inputs=inputs,
        means=means,
        ratio=inputs // means,
        weights=units * means,
        parameters=flat.parameters,
        parameters_divided=flat.parameters * means // inputs,
        parameters_averaged=averaged.parameters,
    )


def _flatten(page: LessonPage) -> None:
    """Choose a cell of the last maps by its row, column and map; show its position in the row."""
    with page.figure:
        item = choose_item(page)
        shape = height, width, maps = item.plan.layer("flatten").input_shape
        first = {"row": 2, "column": 1, "map": 5}
        cell = {
            name: page.slider(name, name.capitalize(), 1, size, first[name], at=at)
            for name, size, at in zip(first, shape, st.columns(3), strict=True)
        }
        row, column, map = cell.values()
        index = int(np.ravel_multi_index((row - 1, column - 1, map - 1), shape))
        unit = f"flatten-unit{index + 1}"
        layers = item.plan.upto("dense_1")

        def follow(clicked: str) -> _Followed:
            place = _cell(clicked, layers)
            return (dict(zip(cell, place, strict=True)), None) if place else (cell, clicked)

        _moving_figure(page, "flatten", _picture(item, layers), unit, cell, follow)
    with page.text:
        PROSE.show(
            "flatten",
            shape=formatting.shape(shape),
            count=height * width * maps,
            width=width,
            maps=maps,
            row_length=width * maps,
            rows_before=row - 1,
            columns_before=column - 1,
            map=map,
            position=index + 1,
            value=item.outputs["flatten"][index],
            index=index,
        )
        PROSE.code("code/flatten", shape=shape, count=height * width * maps)
        _ask(page)
        page.to_inspect("Open this position in Inspect", item.run.id, item.number, unit)


def _moving_figure(
    page: LessonPage,
    name: str,
    picture: Picture,
    unit: str,
    sliders: dict[str, int],
    follow: Callable[[str], _Followed],
) -> None:
    """Draw the layers. The values of `sliders` select `unit`, and a click moves the sliders.

    `follow` gets the name of the number that was clicked.
    """
    key = page.key("chosen")
    moved_to, selected = st.session_state.get(key, (None, None))

    def choose(clicked: str) -> None:
        st.session_state[key] = values, _ = follow(clicked)
        for slider, value in values.items():
            st.session_state[page.key(slider)] = value

    selected = selected if selected and moved_to == sliders else unit
    network_figure(f"learn-{page.lesson}-{name}", picture, selected, choose)


def _picture(item: Example, layers: Plan) -> Picture:
    weights = item.weights[: layers.parameters]
    return Picture(layers, weights, item.image, item.data.classes, first="pooling_2")


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


def _unit(page: LessonPage) -> None:
    """Choose a unit of the dense layer; show everything that it adds up for an image."""
    with page.figure:
        item = choose_item(page)
        dense = item.plan.layer("dense_1")
        [inputs], [units] = dense.input_shape, dense.output_shape
        left, right = st.columns(2)
        unit = page.slider("unit", "Unit of Dense 1", 1, units, 1, at=left)
        view = page.choice("as", "Show its products", PROSE.options("products"), at=right)
        name = f"dense_1-unit{unit}"

        def follow(clicked: str) -> _Followed:
            layer, _, number = clicked.partition("-unit")
            return {"unit": int(number) if layer.startswith("dense") else unit}, clicked

        if view == "list":
            picture = _picture(item, item.plan.upto("dense_activation_1"))
            _moving_figure(page, "unit", picture, name, {"unit": unit}, follow)
        else:
            layers_and_weights = unit_as_convolution(item.plan, item.weights, unit)
            picture = Picture(*layers_and_weights, item.image, (), first="pooling_2")
            key = f"learn-{page.lesson}-maps-{unit}"
            network_figure(key, picture, "convolution_3-map1-row1-column1")
    with page.text:
        arrays = item.plan.split(item.weights)
        bias = arrays["dense_1/bias"][unit - 1]
        products = item.outputs["flatten"] * arrays["dense_1/kernel"][:, unit - 1]
        total = item.outputs["dense_1"][unit - 1]
        PROSE.show(
            "unit",
            inputs=inputs,
            positive_count=(products > 0).sum(),
            positive_sum=products[products > 0].sum(),
            negative_count=(products < 0).sum(),
            negative_sum=-products[products < 0].sum(),
            products=float(total) - float(bias),
            bias=bias,
            z=total,
            after=item.outputs["dense_activation_1"][unit - 1],
        )
        if view == "maps":
            PROSE.show("as maps")
        PROSE.code("code/dense", units=units)
        _ask(page)
        page.to_inspect("Open this unit in Inspect", item.run.id, item.number, name)


def _costs(page: LessonPage) -> None:
    """Change what leads to the dense layers of the starter network; show what each layer costs."""
    with page.figure:
        network = _choose_network(page)
        layers = planned(network)
        _cost_chart("Parameters", layers, [layer.parameters for layer in layers.layers])
        operations = [layer.multiply_accumulates for layer in layers.layers]
        _cost_chart("Multiplications", layers, operations)
    with page.text:
        _explain_costs(layers)
        _ask(page)
        page.to_build("Open this network in Build", network)


def _choose_network(page: LessonPage) -> Network:
    left, middle, right = st.columns([1.4, 1, 1])
    [hidden] = ARTICLE.dense
    bridge = page.choice("bridge", "After the last block", PROSE.options("bridges"), at=left)
    units = page.slider("units", "Units of Dense 1", *UNITS, hidden.units, at=middle)
    help = PROSE.text("window")
    window = page.slider("window", "Window of pooling 2", *POOL_SIZE, 2, help=help, at=right)
    last = replace(ARTICLE.blocks[-1], pooling=Pooling("max", window, window))
    return replace(
        ARTICLE,
        blocks=(*ARTICLE.blocks[:-1], last),
        flattening="flatten" if bridge == "flatten" else "global_average",
        dense=(replace(hidden, units=units),),
    )


def _cost_chart(title: str, layers: Plan, counts: list[int]) -> None:
    """Show how much of a cost each layer has."""
    whole, titles = sum(counts), map(formatting.layer_title, layers.layers)
    rows = [
        (f"{layer}: {count:,}, {formatting.percent(count / whole)}", count / whole, True)
        for layer, count in zip(titles, counts, strict=True)
        if count
    ]
    costs = pd.DataFrame(rows, columns=["label", "share", "chosen"])
    st.markdown(f"**{title}**: {formatting.thousands(whole)}")
    alt = f"{title}. {'; '.join(costs['label'])}"
    draw(share_bars, costs, alt=alt, key=f"learn-dense-{title}")


def _explain_costs(layers: Plan) -> None:
    dense = layers.layer("dense_1")
    [inputs], [units] = dense.input_shape, dense.output_shape
    convolutions = [layer for layer in layers.layers if isinstance(layer.operation, Convolution)]
    operations = sum(layer.multiply_accumulates for layer in convolutions)
    PROSE.show(
        "costs",
        share=dense.parameters / layers.parameters,
        units=units,
        inputs=inputs,
        dense=dense.parameters,
        all=layers.parameters,
        parameters=sum(layer.parameters for layer in convolutions) / layers.parameters,
        multiplications=operations / layers.multiply_accumulates,
    )
    lines = [line.strip() for line in keras_code(layers).splitlines()]
    first_dense = next(n for n, line in enumerate(lines) if line.startswith("layers.Dense"))
    st.code("\n".join(lines[first_dense - 2 : first_dense + 1]), wrap_lines=True)
