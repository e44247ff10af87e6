"""The charts: class counts, the history of a run, and what changes along an amount or the layers."""

import hashlib
import pickle
from collections.abc import Callable, Sequence
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.vega_charts import _altair_globals_lock

from cnn.arrays import Array
from cnn.training.run import Run
from cnn.training.trial import Trial
from cnn.ui.common.epoch_marks import Marks
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.theme import QUIET
from cnn.ui.state.cache import cached

Data = pd.DataFrame | alt.NamedData
Chart = alt.Chart | alt.LayerChart | alt.FacetChart

SOLID, DASHED = [1, 0], [6, 4]
SETS, SET_DASHES = ["training", "validation"], [SOLID, DASHED]
"""What the curves of a run are measured on, and how each is drawn in every chart."""

GIVEN = alt.NamedData("given")
"""In the place of a chart's data: those that `draw` is given with it."""

_LABEL_HEIGHT = 13
_LEGEND: Any = {"orient": "top", "symbolType": "stroke", "symbolSize": 500, "symbolStrokeWidth": 2}


def draw(
    build: Callable[..., Chart],
    *arguments: Any,
    data: pd.DataFrame | pa.Table | None = None,
    place: DeltaGenerator | None = None,
    **options: Any,
) -> Any:
    """Draw the chart that `build(*arguments)` makes, which must depend on nothing else.

    Making a chart and holding it against Vega-Lite's schema is most of what it costs, so that is done
    once for all who see the same. `data` are those of a chart of `GIVEN`, which stays the same while
    they change; `options` are those of `st.vega_lite_chart`.
    """
    asked = pickle.dumps((build.__module__, build.__qualname__, arguments))
    made = _made(hashlib.blake2b(asked).digest(), build, arguments)
    if data is not None:
        made = made | {"datasets": made["datasets"] | {GIVEN.name: data}}
    return (place or st).vega_lite_chart(None, made, **options)


@cached(256, key=lambda asked, build, arguments: asked)
def _made(asked: bytes, build: Callable[..., Chart], arguments: tuple[Any, ...]) -> dict[str, Any]:
    made = specification(build(*arguments))
    tables = made.get("datasets", {})
    return made | {"datasets": {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}}


def specification(chart: Chart) -> dict[str, Any]:
    """A chart as Vega-Lite, with its data."""
    # Altair's settings are those of the whole process, and Streamlit changes them, under this lock,
    # for every chart that `st.altair_chart` draws meanwhile. Without a theme a chart has the size of
    # its place.
    with (
        _altair_globals_lock,
        alt.data_transformers.enable("default"),
        alt.theme.enable("none"),
    ):
        made: dict[str, Any] = chart.to_dict()
        return made


def class_counts(counts: Data) -> Chart:
    """Images per class, split into training and test; columns "class", "part" and "images"."""
    bars = alt.Chart(counts).encode(
        y=alt.Y("class:N", sort=None, title=None, axis=alt.Axis(labelLimit=160)),
        x=alt.X("images:Q", title="images"),
    )
    parts = alt.Scale(domain=["training", "test"])
    colored = bars.mark_bar().encode(
        color=alt.Color("part:N", scale=parts, title=None, legend=alt.Legend(orient="top")),
        order=alt.Order("part:N", sort="descending"),
        tooltip=["class:N", "part:N", "images:Q"],
    )
    totals = bars.mark_text(align="left", dx=4).encode(
        x="sum(images):Q", text="sum(images):Q", color=alt.value(QUIET)
    )
    return (colored + totals).properties(padding=CHART_PADDING, height=alt.Step(24))


def history_table(run: Run | Trial) -> pd.DataFrame:
    """A run's history in long form: columns "epoch", "set", "kind", "loss" and "accuracy".

    "epoch" rows are whole epochs (0: untrained); "part" rows are the points within the epochs,
    for training only. In "loss_end" and "accuracy_end" the rows of the last whole epoch say whether
    their curve is the "higher" or the "lower" one there.
    """
    rows = [(p.epoch, "training", "part", p.loss, p.accuracy) for p in run.points]
    for end in run.epochs:
        rows.append((end.epoch, "training", "epoch", end.loss, end.accuracy))
        checked = end.validation_loss, end.validation_accuracy
        rows.append((end.epoch, "validation", "epoch", *checked))
    table = pd.DataFrame(rows, columns=["epoch", "set", "kind", "loss", "accuracy"])
    for measure in ("loss", "accuracy"):
        table[f"{measure}_end"] = ""
        if run.epochs:
            training, validation = table[measure].iloc[-2:]
            ends = ["higher", "lower"] if training > validation else ["lower", "higher"]
            table.loc[table.index[-2:], f"{measure}_end"] = ends
    return table


EPOCH_COLUMNS = {
    "epoch": "{}",
    "training loss": "{:.4f}",
    "training accuracy": "{:.2%}",
    "validation loss": "{:.4f}",
    "validation accuracy": "{:.2%}",
    "learning rate": "{:g}",
    "seconds": "{:.2f}",
}
"""The columns of `epoch_table`, and how their values are written."""


def epoch_table(run: Run) -> pd.DataFrame:
    """The numbers at the end of each epoch of a run that has one."""
    rows = pd.DataFrame(run.epochs).drop(columns="gradients")
    return rows.set_axis([*EPOCH_COLUMNS], axis="columns")


def history(
    table: pd.DataFrame,
    measure: str,
    last_epoch: int,
    marked: int | None,
    top: float | None = None,
    height: int = 260,
    marks: Marks = (),
) -> Chart:
    """The curve of "loss" or "accuracy" over the epochs; `marked` is an epoch to point out.

    The labels of `marks` are above the chart, one below the other.

    With `top` the axis goes from 0 to it, whatever the values, so that charts can be compared.
    The last point of each curve has its number.
    """
    just_begun = _has_just_begun(table, last_epoch)
    return _curves(table, measure, last_epoch, just_begun, marked, top, height, marks)


def draw_histories(
    table: pd.DataFrame,
    last_epoch: int,
    marked: int | None,
    height: int,
    marks: Marks,
    places: dict[str, DeltaGenerator],
    descriptions: dict[str, str],
) -> None:
    """Draw the curves of "loss" and of "accuracy" in their `places`, as `history` makes them."""
    data = pa.Table.from_pandas(table, preserve_index=False)
    settings = last_epoch, _has_just_begun(table, last_epoch), marked, None, height, marks
    for measure, place in places.items():
        key, words = f"history-{measure}", descriptions[measure]
        draw(_curves, GIVEN, measure, *settings, data=data, place=place, key=key, alt=words)


def _has_just_begun(table: pd.DataFrame, last_epoch: int) -> bool:
    """Whether the curves end on the left, where the numbers of the axis are."""
    return bool(table["epoch"][table["kind"] == "epoch"].max() < last_epoch / 5)


def _curves(
    data: Data,
    measure: str,
    last_epoch: int,
    just_begun: bool,
    marked: int | None,
    top: float | None,
    height: int,
    marks: Marks,
) -> Chart:
    """The chart of `history`; of data that are `GIVEN` it stays the same while a run goes on."""
    accuracy, limited = measure == "accuracy", top is not None
    if accuracy:
        top = 1
    base = alt.Chart(data).encode(
        x=alt.X("epoch:Q", scale=alt.Scale(domain=[0, max(1, last_epoch)], nice=False)),
        y=alt.Y(
            f"{measure}:Q",
            title=measure,
            axis=alt.Axis(format="%") if accuracy else alt.Axis(),
            scale=alt.Undefined if top is None else alt.Scale(domain=[0, top]),
        ),
    )
    # The colors are the first two of the theme, which differ between light and dark.
    color, dash = color_and_dash("set", SETS, dashes=SET_DASHES)
    parts, ends = (base.transform_filter(alt.datum.kind == kind) for kind in ("part", "epoch"))
    dots = alt.OverlayMarkDef(filled=True, size=24, clip=True)
    tooltip = ["epoch:Q", "set:N", *tooltips(".4f", "loss"), *tooltips(".2%", "accuracy")]
    layers = [
        parts.mark_line(opacity=0.5, strokeWidth=1, clip=True).encode(color),
        ends.mark_line(point=dots, clip=True).encode(color, dash, tooltip=tooltip),
    ]
    number = alt.Text(f"{measure}:Q", format=".1%" if accuracy else ".3f")
    side: dict[str, Any] = {"align": "left", "dx": 6} if just_begun else {"align": "right"}
    for end, dy in (("higher", -9), ("lower", 11)):
        text = base.transform_filter(alt.datum[f"{measure}_end"] == end)
        text = text.mark_text(**side, dy=dy, fontSize=11, clip=limited)
        layers.append(text.encode(color, text=number))
    if marked is not None:
        layers.append(rule("epoch", marked))
    for row, (epoch, label) in enumerate(marks):
        mark = alt.Chart(pd.DataFrame({"epoch": [epoch], "label": [label]})).encode(x="epoch:Q")
        align: Literal["left", "right"] = "right" if epoch > last_epoch / 2 else "left"
        above = mark.mark_text(align=align, color=QUIET, fontSize=11)
        above = above.encode(text="label:N", y=alt.value(-_LABEL_HEIGHT * (row + 1.5)))
        layers += [mark.mark_rule(color=QUIET), above]
    padding = CHART_PADDING | {"bottom": 5}
    chart = alt.layer(*layers).properties(padding=padding, height=height)
    # Streamlit's theme keeps all of this far apart.
    chart = chart.configure_axis(labelPadding=6, titlePadding=6).configure_legend(offset=8)
    if not marks:
        return chart
    room = _LABEL_HEIGHT * (len(marks) + 1)  # one line for the number at the end of a curve
    return chart.properties(height=height + room).configure_legend(offset=room)


def probabilities_along(table: pd.DataFrame, axis: str, marked: float) -> Chart:
    """A line for each class over an amount; columns "amount", "class" and "probability" (0 to 1).

    `axis` says what the amount is; `marked` is the present one. Each line ends in its class's name.
    """
    names = list(table["class"].unique())
    color, dash = (each.legend(None) for each in color_and_dash("class", names))
    ends = table[table["amount"] == table["amount"].max()].sort_values("probability")
    ends = ends.assign(label=apart(ends["probability"].to_numpy(), 0.05))
    x = alt.X("amount:Q", title=axis, scale=alt.Scale(nice=False))
    y = alt.Y("probability:Q", title="probability", axis=alt.Axis(format="%"))
    y = y.scale(domain=[0, 1])
    tooltip = ["amount", "class", *tooltips(".1%", "probability")]
    lines = alt.Chart(table).mark_line().encode(x, y, color, dash, tooltip=tooltip)
    last = alt.Chart(ends).encode(x, color)
    to_name = last.mark_rule(xOffset=2, x2Offset=12).encode(y, x2="amount", y2="label")
    name = last.mark_text(align="left", dx=15, limit=_LONGEST)
    name = name.encode(y=alt.Y("label:Q", title="probability"), text="class", tooltip=tooltip)
    present = rule("amount", marked).mark_rule(color=QUIET, strokeWidth=3, opacity=0.5)
    layers = alt.layer(present, lines, to_name, name)
    return layers.properties(padding=CHART_PADDING, height=360)


_LONGEST = 120
"""Pixels of a class's name at the end of a line; of a longer one the tooltip has the rest."""


def apart(values: Array, gap: float) -> Array:
    """Where to write beside ascending `values` from 0 to 1, (n,), so that no two are nearer than `gap`.

    All places are from 0 to 1; where so many do not fit, they are as far apart as they can be.
    """
    steps = min(gap, 1 / max(1, len(values) - 1)) * np.arange(len(values))
    return np.minimum(np.maximum.accumulate(values - steps) + steps, 1 - steps[::-1])


def sizes(table: pd.DataFrame, title: str, colors: Sequence[str], dashes: Any = (SOLID,)) -> Chart:
    """Sizes above 0, the third column, along the first one, in powers of ten; a line for each of the second.

    `title` is that of the y axis.
    """
    along, each, size = table.columns
    y = alt.Y(f"{size}:Q", title=title, scale=alt.Scale(type="log"))
    return (
        alt.Chart(table)
        .mark_line(point=alt.OverlayMarkDef(filled=True, size=20))
        .encode(
            *color_and_dash(each, [*table[each].unique()], colors, dashes, columns=3),
            x=alt.X(f"{along}:Q", axis=alt.Axis(tickMinStep=1)),
            y=y.axis(format=".0e", tickCount=6),
            tooltip=[along, each, *tooltips(".2e", size)],
        )
        .properties(padding=CHART_PADDING, height=260)
    )


def rule(column: str, value: float, axis: type[alt.X | alt.Y] = alt.X) -> alt.Chart:
    """A quiet dashed line across a chart, where its x axis (or y), `column`, has this value."""
    mark = alt.Chart(pd.DataFrame({column: [value]})).mark_rule(color=QUIET, strokeDash=[2, 2])
    return mark.encode(axis(f"{column}:Q"))


def tooltips(form: str, *columns: str) -> list[alt.Tooltip]:
    """These columns of numbers in a tooltip, in one format such as ".1%"."""
    return [alt.Tooltip(f"{column}:Q", format=form) for column in columns]


def color_and_dash(
    column: str,
    names: list[str],
    colors: Any = alt.Undefined,
    dashes: Any = alt.Undefined,
    columns: Any = alt.Undefined,
) -> tuple[alt.Color, alt.StrokeDash]:
    """Encode a column by color and by dash, with one legend; Vega chooses those not given.

    The legend has so many `columns`, else a single row.
    """
    legend = alt.Legend(**_LEGEND, columns=columns)
    about: dict[str, Any] = {"shorthand": f"{column}:N", "title": None, "legend": legend}
    return (
        alt.Color(**about, scale=alt.Scale(domain=names, range=colors)),
        alt.StrokeDash(**about, scale=alt.Scale(domain=names, range=dashes)),
    )
