"""The charts: class counts, the history of a run, and what changes along an amount or the layers."""

import altair as alt
import pandas as pd

from cnn.training.run import Run
from cnn.training.trial import Trial
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.theme import NEGATIVE, POSITIVE, QUIET

_NAMES = ["training", "validation"]
# Their colors are the first two of the theme, which differ between light and dark.
_COLORS = alt.Scale(domain=_NAMES)
_DASHES = alt.Scale(domain=_NAMES, range=[[1, 0], [6, 4]])
_LEGEND = alt.Legend(orient="top", symbolType="stroke", symbolSize=500, symbolStrokeWidth=2)


def class_counts(counts: pd.DataFrame) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """Images a class, split into training and test; columns "class", "part" and "images"."""
    bars = alt.Chart(counts).encode(
        y=alt.Y("class:N", sort=None, title=None, axis=alt.Axis(labelLimit=160)),
        x=alt.X("images:Q", title="images"),
    )
    parts = alt.Scale(domain=["training", "test"])
    colored = bars.mark_bar().encode(
        color=alt.Color("part:N", scale=parts, title=None, legend=alt.Legend(orient="top")),
        order=alt.Order("part:N", sort="descending"),
        tooltip=["class", "part", "images"],
    )
    totals = bars.mark_text(align="left", dx=4).encode(
        x="sum(images):Q", text="sum(images):Q", color=alt.value(QUIET)
    )
    return (colored + totals).properties(padding=CHART_PADDING, height=alt.Step(24))


def history_table(run: Run | Trial) -> pd.DataFrame:
    """A run's history in long form: columns "epoch", "set", "kind", "loss" and "accuracy".

    "epoch" rows are whole epochs (0: untrained); "part" rows are the points within the epochs,
    for training only.
    """
    rows = [
        {
            "epoch": p.epoch,
            "set": "training",
            "kind": "part",
            "loss": p.loss,
            "accuracy": p.accuracy,
        }
        for p in run.points
    ]
    for end in run.epochs:
        learned = {"loss": end.loss, "accuracy": end.accuracy}
        checked = {"loss": end.validation_loss, "accuracy": end.validation_accuracy}
        rows.append({"epoch": end.epoch, "set": "training", "kind": "epoch"} | learned)
        rows.append({"epoch": end.epoch, "set": "validation", "kind": "epoch"} | checked)
    return pd.DataFrame(rows, columns=["epoch", "set", "kind", "loss", "accuracy"])


def history(
    table: pd.DataFrame,
    measure: str,
    last_epoch: int,
    marked: int | None,
    top: float | None = None,
) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """The curve of "loss" or "accuracy" over the epochs; `marked` is an epoch to point out.

    With `top` the axis goes from 0 to it, whatever the values, so that charts can be compared.
    """
    form = alt.Axis(format="%") if measure == "accuracy" else alt.Axis()
    if measure == "accuracy":
        top = 1
    base = alt.Chart(table).encode(
        x=alt.X("epoch:Q", scale=alt.Scale(domain=[0, max(1, last_epoch)], nice=False)),
        y=alt.Y(
            f"{measure}:Q",
            title=measure,
            axis=form,
            scale=alt.Undefined if top is None else alt.Scale(domain=[0, top]),
        ),
    )
    parts = (
        base.transform_filter("datum.kind == 'part'")
        .mark_line(opacity=0.5, strokeWidth=1, clip=True)
        .encode(color=alt.Color("set:N", scale=_COLORS, title=None, legend=_LEGEND))
    )
    ends = base.transform_filter("datum.kind == 'epoch'").encode(
        color=alt.Color("set:N", scale=_COLORS, title=None, legend=_LEGEND),
        strokeDash=alt.StrokeDash("set:N", scale=_DASHES, title=None, legend=_LEGEND),
        tooltip=[
            alt.Tooltip("epoch:Q"),
            alt.Tooltip("set:N"),
            alt.Tooltip("loss:Q", format=".4f"),
            alt.Tooltip("accuracy:Q", format=".2%"),
        ],
    )
    layers = [
        parts,
        ends.mark_line(point=alt.OverlayMarkDef(filled=True, size=24, clip=True), clip=True),
    ]
    if marked is not None:
        rule = alt.Chart(pd.DataFrame({"epoch": [marked]})).mark_rule(
            color=QUIET, strokeDash=[2, 2]
        )
        layers.append(rule.encode(x=alt.X("epoch:Q")))
    return alt.layer(*layers).properties(padding=CHART_PADDING, height=260)


def probabilities_along(
    table: pd.DataFrame, axis: str, marked: float
) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """A line a class over an amount; columns "amount", "class" and "probability" (0 to 1).

    `axis` says what the amount is; `marked` is the present one.
    """
    names = list(table["class"].unique())
    lines = (
        alt.Chart(table)
        .mark_line()
        .encode(
            x=alt.X("amount:Q", title=axis, scale=alt.Scale(nice=False)),
            y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
            color=alt.Color("class:N", sort=names, title=None, legend=_LEGEND),
            strokeDash=alt.StrokeDash("class:N", sort=names, title=None, legend=_LEGEND),
            tooltip=["amount", "class", alt.Tooltip("probability:Q", format=".1%")],
        )
    )
    rule = alt.Chart(pd.DataFrame({"amount": [marked]})).mark_rule(color=QUIET, strokeDash=[2, 2])
    return alt.layer(lines, rule.encode(x=alt.X("amount:Q"))).properties(
        padding=CHART_PADDING, height=250
    )


def sizes_along_layers(
    table: pd.DataFrame, measure: str
) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """How large something is layer by layer, in powers of ten, a line for each way of "way".

    Columns "layer", "way" and `measure`, which is above 0.
    """
    ways = list(table["way"].unique())
    colors = alt.Scale(domain=ways, range=[NEGATIVE, POSITIVE])
    dashes = alt.Scale(domain=ways, range=[[6, 4], [1, 0]])
    return (
        alt.Chart(table)
        .mark_line(point=alt.OverlayMarkDef(filled=True, size=20))
        .encode(
            x=alt.X("layer:Q", title="layer", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y(
                f"{measure}:Q",
                title="size relative to the start",
                scale=alt.Scale(type="log"),
                axis=alt.Axis(format=".0e", tickCount=6),
            ),
            color=alt.Color("way:N", sort=ways, scale=colors, title=None, legend=_LEGEND),
            strokeDash=alt.StrokeDash("way:N", sort=ways, scale=dashes, title=None, legend=_LEGEND),
            tooltip=["layer", "way", alt.Tooltip(f"{measure}:Q", format=".2e")],
        )
        .properties(padding=CHART_PADDING, height=260)
    )


def tooltips(form: str, *columns: str) -> list[alt.Tooltip]:
    """These columns of numbers in a tooltip, in one format such as ".1%"."""
    return [alt.Tooltip(f"{column}:Q", format=form) for column in columns]
