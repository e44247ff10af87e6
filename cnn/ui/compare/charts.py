"""The charts of a comparison: a color and a shape a run, the same in all of them."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

_COLORS = ["#1f77c9", "#e07b1a", "#2a9d8f", "#8d6cc4", "#b5485d", "#8fa3b8"]
_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
_PERCENT = alt.Axis(format="%", tickCount=5)
_SETS = alt.Scale(domain=["validation", "training"], range=[[1, 0], [5, 4]])


def _legend(kind: str) -> alt.Legend:
    return alt.Legend(orient="top", symbolType=kind, columns=2, labelLimit=220)


def _color(names: Sequence[str], kind: str) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=_COLORS[: len(names)])
    return alt.Color("run:N", scale=scale, title=None, legend=_legend(kind))


def curves(table: pd.DataFrame, measure: str, names: Sequence[str], epochs: int) -> alt.Chart:
    """Each run's "loss" or "accuracy"; columns "run", "epoch", "set" and the measure."""
    shares = measure == "accuracy"
    return (
        alt.Chart(table)
        .mark_line(clip=True)
        .encode(
            x=alt.X("epoch:Q", scale=alt.Scale(domain=[0, max(1, epochs)], nice=False)),
            y=alt.Y(
                f"{measure}:Q",
                title=measure,
                axis=alt.Axis(format="%") if shares else alt.Axis(),
                scale=alt.Scale(zero=not shares),
            ),
            color=_color(names, "stroke"),
            strokeDash=alt.StrokeDash("set:N", scale=_SETS, legend=None),
            opacity=alt.condition("datum.set == 'training'", alt.value(0.6), alt.value(1.0)),
            tooltip=[
                "run",
                "epoch",
                "set",
                alt.Tooltip(f"{measure}:Q", format=".2%" if shares else ".4f"),
            ],
        )
        .properties(height=340)
    )


def accuracy_against(
    table: pd.DataFrame, measure: str, title: str, names: Sequence[str], powers: bool
) -> alt.LayerChart | alt.FacetChart:
    """A point a run; columns "run", "accuracy", "low", "high" (its interval) and the measure."""
    x = alt.X(
        f"{measure}:Q",
        title=title,
        scale=alt.Scale(type="log", nice=True) if powers else alt.Scale(zero=True),
        axis=alt.Axis(format="~s", tickCount=5),
    )
    base = alt.Chart(table).encode(x=x, color=_color(names, "circle"))
    scale = alt.Scale(zero=False, padding=12)
    spread = base.mark_rule(strokeWidth=2).encode(
        y=alt.Y("low:Q", title="accuracy", scale=scale, axis=alt.Axis(format="%")), y2="high:Q"
    )
    shapes = alt.Scale(domain=list(names), range=_SHAPES[: len(names)])
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        y=alt.Y("accuracy:Q", scale=scale),
        shape=alt.Shape("run:N", scale=shapes, title=None, legend=None),
        tooltip=[
            "run",
            alt.Tooltip("accuracy:Q", format=".1%"),
            alt.Tooltip("low:Q", format=".1%"),
            alt.Tooltip("high:Q", format=".1%"),
            alt.Tooltip(f"{measure}:Q", format=","),
        ],
    )
    return alt.layer(spread, points).properties(height=300)


def answers(table: pd.DataFrame, names: Sequence[str], classes: Sequence[str]) -> alt.Chart:
    """The probability of each class, a bar a run; columns "class", "run" and "probability"."""
    return (
        alt.Chart(table)
        .mark_bar()
        .encode(
            y=alt.Y("class:N", sort=list(classes), title=None, axis=alt.Axis(labelLimit=160)),
            yOffset=alt.YOffset("run:N", sort=list(names)),
            x=alt.X("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=_PERCENT),
            color=_color(names, "square"),
            tooltip=["run", "class", alt.Tooltip("probability:Q", format=".1%")],
        )
        .properties(height=alt.Step(11))
    )
