"""Curves, cost and accuracy of compared runs, redrawn while one of them trains."""

from collections.abc import Callable, Iterator, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.common.charts import SET_DASHES, SETS, Chart, history_table, tooltips
from cnn.ui.common.epoch_marks import marks_of
from cnn.ui.common.layout import CHART_PADDING, responsive_columns
from cnn.ui.common.page import errors_shown
from cnn.ui.common.prose import read_sections
from cnn.ui.common.theme import RUNS
from cnn.ui.common.waiting import polled
from cnn.ui.compare.run_library import Compared
from cnn.ui.state import services

Drawn = dict[str, tuple[Chart, str]]
"""Charts by what they show, each with a description in words."""

_TEXT = read_sections(__file__)
_POLL = 1.0
_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
_DASHES = alt.Scale(domain=SETS, range=SET_DASHES)


def panel(load: Callable[[], list[Compared]]) -> None:
    """Draw what `load` gives, again and again while a run of it is live."""
    live = sum(named.run.live for named in load())
    polled(_draw, _POLL if live else None, load, live)


def _draw(load: Callable[[], list[Compared]], live: int) -> None:
    with errors_shown():
        runs = load()
        table = costs(runs)
        if table.empty:
            st.info(_TEXT.text("none"))
        else:
            _in_columns(history_charts(runs))
            _TEXT.caption("curves")
            _in_columns(cost_charts(runs))
            st.dataframe(in_words(table), hide_index=True, alt="The same in numbers")
            _TEXT.caption("cost")
        if sum(named.run.live for named in runs) != live:
            st.rerun()


def _in_columns(drawn: Drawn) -> None:
    columns = responsive_columns(*[1] * len(drawn), narrowest=260)
    for column, (name, (chart, description)) in zip(columns, drawn.items(), strict=True):
        column.altair_chart(chart, key=f"compare-{name}", alt=description)


def history_charts(runs: Sequence[Compared]) -> Drawn:
    """Loss and accuracy over the epochs. A run must have an epoch."""
    table = pd.concat([history_table(named.run).assign(run=named.name) for named in runs])
    epochs = max(named.run.planned_epochs for named in runs)
    base = alt.Chart(table[table["kind"] == "epoch"]).encode(
        x=alt.X("epoch:Q", scale=alt.Scale(domain=[0, max(1, epochs)], nice=False)),
        color=_color(runs, "stroke"),
        strokeDash=alt.StrokeDash("set:N", scale=_DASHES, legend=None),
        opacity=alt.condition("datum.set == 'training'", alt.value(0.6), alt.value(1.0)),
    )
    loss = alt.Y("loss:Q", scale=alt.Scale(zero=True))
    accuracy = alt.Y("accuracy:Q", scale=alt.Scale(zero=False), axis=alt.Axis(format="%"))
    drawn: Drawn = {}
    for measure, y, form in (("loss", loss, ".4f"), ("accuracy", accuracy, ".2%")):
        tooltip = ["run", "epoch", "set", *tooltips(form, measure)]
        chart = base.mark_line(clip=True).encode(y.title(measure), tooltip=tooltip)
        ends = [
            f"{named.name} {'is' if named.run.live else 'ends'} at {getattr(named.run.epochs[-1], f'validation_{measure}'):.3f} in validation"
            for named in runs
            if named.run.epochs
        ]
        description = f"{measure.capitalize()} over the epochs. {'; '.join(ends)}"
        layers = alt.layer(chart, *_marks(runs, measure))
        drawn[measure] = layers.properties(padding=CHART_PADDING, height=340), description
    return drawn


def _marks(runs: Sequence[Compared], measure: str) -> Iterator[alt.Chart]:
    """Points on the validation curves, of two runs with labels: above the higher curve, below the other."""
    curves = {
        named: {end.epoch: getattr(end, f"validation_{measure}") for end in named.run.epochs}
        for named in runs
    }
    higher = max(runs, key=lambda named: list(curves[named].values())[-1:])
    for named, curve in curves.items():
        for line, (epoch, label) in enumerate(marks_of(named.run, "curve"), 1):
            row = {"run": named.name, "epoch": epoch, measure: curve[epoch], "mark": label}
            point = alt.Chart(pd.DataFrame([row])).encode(
                x="epoch:Q", y=f"{measure}:Q", color=_color(runs, "stroke"), tooltip=["run", "mark"]
            )
            yield point.mark_point(filled=True, size=60, opacity=1)
            if len(runs) == 2:
                yield point.mark_text(
                    align="right" if epoch > named.run.planned_epochs / 2 else "left",
                    dy=-12 * line if named is higher else 12 * line,
                    fontSize=11,
                ).encode(text="mark:N")


def costs(runs: Sequence[Compared]) -> pd.DataFrame:
    """A row per run that has an epoch: its accuracy with the interval, its size, its time."""
    return pd.DataFrame([_cost(named) for named in runs if named.run.epochs])


def _cost(named: Compared) -> dict[str, object]:
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


def in_words(costs: pd.DataFrame) -> pd.DataFrame:
    """The table of costs, to be read."""
    return pd.DataFrame(
        {
            "run": costs["run"],
            "accuracy": map(formatting.accuracy, costs["accuracy"], costs["images"]),
            "test loss": costs["loss"].map("{:.4f}".format),
            "parameters": costs["parameters"].map(formatting.thousands),
            "epochs": costs["epochs"].map(str),
            "training": costs["seconds"].map("{:.1f} s".format),
            "network": costs["network"],
        }
    )


def cost_charts(runs: Sequence[Compared]) -> Drawn:
    """Accuracy with its interval against parameters and seconds. A run must have an epoch."""
    table = costs(runs)
    shapes = alt.Scale(domain=[named.name for named in runs], range=_SHAPES[: len(runs)])
    accuracy = alt.Scale(zero=False, padding=12)
    drawn: Drawn = {}
    for measure, title, scale in (
        ("parameters", "parameters", alt.Scale(type="log", nice=True)),
        ("seconds", "seconds of training", alt.Scale(zero=True)),
    ):
        axis = alt.Axis(format="~s", tickCount=5)
        x = alt.X(f"{measure}:Q", title=title, scale=scale, axis=axis)
        low = alt.Y("low:Q", title="accuracy", scale=accuracy, axis=alt.Axis(format="%"))
        base = alt.Chart(table).encode(x, _color(runs, "circle"))
        spread = base.mark_rule(strokeWidth=2).encode(low, y2="high:Q")
        points = base.mark_point(filled=True, size=110, opacity=1).encode(
            y=alt.Y("accuracy:Q", scale=accuracy),
            shape=alt.Shape("run:N", scale=shapes, title=None, legend=None),
            tooltip=["run", *tooltips(".1%", "accuracy", "low", "high"), *tooltips(",", measure)],
        )
        chart = alt.layer(spread, points).properties(padding=CHART_PADDING, height=300)
        values = [
            f"{row['run']}: {formatting.percent(row['accuracy'])} with {row[measure]:.4g}"
            for row in table.to_dict("records")
        ]
        drawn[measure] = chart, f"Accuracy against {title}. {'; '.join(values)}"
    return drawn


def answer_chart(table: pd.DataFrame, runs: Sequence[Compared]) -> alt.Chart:
    """The probability of each class, a bar per run; columns "class", "run" and "probability"."""
    return (
        alt.Chart(table)
        .mark_bar()
        .encode(
            y=alt.Y("class:N", sort=None, title=None, axis=alt.Axis(labelLimit=160)),
            yOffset=alt.YOffset("run:N", sort=[named.name for named in runs]),
            x=alt.X("probability:Q", scale=alt.Scale(domain=[0, 1])).axis(format="%", tickCount=5),
            color=_color(runs, "square"),
            tooltip=["run", "class", *tooltips(".1%", "probability")],
        )
        .properties(padding=CHART_PADDING, height=alt.Step(11))
    )


def _color(runs: Sequence[Compared], symbol: str) -> alt.Color:
    return alt.Color(
        "run:N",
        title=None,
        scale=alt.Scale(domain=[named.name for named in runs], range=RUNS[: len(runs)]),
        legend=alt.Legend(orient="top", symbolType=symbol, columns=2, labelLimit=220),
    )
