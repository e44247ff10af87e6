"""Curves, cost and accuracy of compared runs, redrawn while one of them trains."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.common.charts import history_table
from cnn.ui.common.glossary import term
from cnn.ui.common.layout import CHART_PADDING, responsive_columns
from cnn.ui.common.page import errors_told
from cnn.ui.common.theme import RUNS
from cnn.ui.common.waiting import polled
from cnn.ui.compare.run_library import Compared
from cnn.ui.state import services

_POLL = 1.0

MEASURES = {"parameters": ("parameters", True), "seconds": ("seconds of training", False)}
"""What the accuracy is set against: its name, and whether its axis goes in powers of ten."""


def panel(load: Callable[[], list[Compared]]) -> None:
    """Draw what `load` gives, again and again while a run of it is live."""
    live = _live(load())
    polled(_draw, _POLL if live else None, load, live)


def _live(runs: Sequence[Compared]) -> int:
    return sum(named.run.live for named in runs)


def _draw(load: Callable[[], list[Compared]], live: int) -> None:
    with errors_told():
        runs = load()
        _curves(runs)
        _costs(runs)
        if _live(runs) != live:
            st.rerun()


def _curves(runs: Sequence[Compared]) -> None:
    table = every_epoch(runs)
    if table.empty:
        st.info("The curves begin with the first epoch that is measured.")
        return
    names = [named.name for named in runs]
    epochs = max(named.run.planned_epochs for named in runs)
    for column, measure in zip(
        responsive_columns(1, 1, narrowest=260), ("loss", "accuracy"), strict=True
    ):
        with column:
            st.altair_chart(
                curves(table, measure, names, epochs),
                key=f"compare-{measure}",
                alt=f"{measure.capitalize()} over the epochs. {ends(runs, measure)}",
            )
    st.caption(
        f"Solid: on the test images after each {term('epoch')}. Dashed: on the training images while"
        " learning."
    )


def every_epoch(runs: Sequence[Compared]) -> pd.DataFrame:
    """Loss and accuracy of every whole epoch, as `curves` reads them."""
    tables = [history_table(named.run).assign(run=named.name) for named in runs]
    table = pd.concat(tables, ignore_index=True)
    return table[table["kind"] == "epoch"]


def ends(runs: Sequence[Compared], measure: str) -> str:
    """Where the runs ended, in words."""
    sentences = [
        f"{named.name} ends at {getattr(named.run.epochs[-1], f'validation_{measure}'):.3f} in validation"
        for named in runs
        if named.run.epochs
    ]
    return "; ".join(sentences)


def _costs(runs: Sequence[Compared]) -> None:
    table = costs(runs)
    if table.empty:
        return
    names = [named.name for named in runs]
    for column, (measure, (title, powers)) in zip(
        responsive_columns(1, 1), MEASURES.items(), strict=True
    ):
        with column:
            st.altair_chart(
                accuracy_against(table, measure, title, names, powers),
                key=f"compare-{measure}",
                alt=against(table, measure),
            )
    st.dataframe(in_words(table), hide_index=True, alt="The same in numbers")
    st.caption(
        f"Bars and parentheses: the {term('confidence interval', '95% interval')} for test images like"
        f" these. Another {term('seed')} changes the accuracy, too. Experiments measures how much."
    )


def costs(runs: Sequence[Compared]) -> pd.DataFrame:
    """A row a run that has an epoch: its accuracy with the interval, its size, its time."""
    return pd.DataFrame([_row(named) for named in runs if named.run.epochs])


def against(table: pd.DataFrame, measure: str) -> str:
    """A chart of accuracy against a measure of `costs`, in words."""
    values = "; ".join(
        f"{run}: {formatting.percent(accuracy)} with {value:.4g}"
        for run, accuracy, value in zip(
            table["run"], table["accuracy"], table[measure], strict=True
        )
    )
    return f"Accuracy against {MEASURES[measure][0]}. {values}"


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """What `costs` gives, to be read."""
    return pd.DataFrame([_in_words(row) for row in table.to_dict("records")])


def _row(named: Compared) -> dict[str, Any]:
    last = named.run.epochs[-1]
    images = len(services.chosen(named.run.job.data).test)
    low, high = wilson(last.validation_accuracy, images)
    return {
        "run": named.name,
        "accuracy": last.validation_accuracy,
        "low": low,
        "high": high,
        "images": images,
        "loss": last.validation_loss,
        "epochs": last.epoch,
        "parameters": services.run_plan(named.run).parameters,
        "seconds": named.run.seconds,
        "network": formatting.network(named.run.job.network),
    }


def _in_words(row: Mapping[Any, Any]) -> dict[str, str]:
    return {
        "run": row["run"],
        "accuracy": formatting.accuracy(row["accuracy"], row["images"]),
        "test loss": f"{row['loss']:.4f}",
        "parameters": formatting.thousands(row["parameters"]),
        "epochs": str(row["epochs"]),
        "training": f"{row['seconds']:.1f} s",
        "network": row["network"],
    }


_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
_PERCENT = alt.Axis(format="%", tickCount=5)
_SETS = alt.Scale(domain=["validation", "training"], range=[[1, 0], [5, 4]])


def _legend(kind: str) -> alt.Legend:
    return alt.Legend(orient="top", symbolType=kind, columns=2, labelLimit=220)


def _color(names: Sequence[str], kind: str) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=RUNS[: len(names)])
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
        .properties(padding=CHART_PADDING, height=340)
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
    return alt.layer(spread, points).properties(padding=CHART_PADDING, height=300)


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
        .properties(padding=CHART_PADDING, height=alt.Step(11))
    )
