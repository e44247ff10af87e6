"""Curves, cost and accuracy of compared runs, redrawn while one of them trains."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from cnn.statistics import wilson
from cnn.ui import services, words
from cnn.ui.charts import history_table
from cnn.ui.compare import charts
from cnn.ui.compare.chosen import Compared
from cnn.ui.page import errors_told
from cnn.ui.waiting import polled

_POLL = 1.0


def panel(load: Callable[[], list[Compared]]) -> None:
    """Draw what `load` gives, again and again while a run of it is live."""
    live = _live(load())
    polled(_draw, _POLL if live else None, load, live)


def _live(runs: Sequence[Compared]) -> int:
    return sum(one.run.live for one in runs)


def _draw(load: Callable[[], list[Compared]], live: int) -> None:
    with errors_told():
        runs = load()
        _curves(runs)
        _costs(runs)
        if _live(runs) != live:
            st.rerun()


def _curves(runs: Sequence[Compared]) -> None:
    tables = [history_table(one.run).assign(run=one.name) for one in runs]
    table = pd.concat(tables, ignore_index=True)
    table = table[table["kind"] == "epoch"]
    if table.empty:
        st.info("The curves begin with the first epoch that is measured.")
        return
    names = [one.name for one in runs]
    epochs = max(one.run.planned_epochs for one in runs)
    for column, measure in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        with column:
            st.altair_chart(
                charts.curves(table, measure, names, epochs),
                key=f"compare-{measure}",
                alt=f"{measure.capitalize()} over the epochs. {_ends(runs, measure)}",
            )
    st.caption(
        "Solid: on the test images after each epoch. Dashed: on the training images while learning."
    )


def _ends(runs: Sequence[Compared], measure: str) -> str:
    ends = [
        f"{one.name} ends at {getattr(one.run.epochs[-1], f'validation_{measure}'):.3f} in validation"
        for one in runs
        if one.run.epochs
    ]
    return "; ".join(ends)


def _costs(runs: Sequence[Compared]) -> None:
    rows = [_row(one) for one in runs if one.run.epochs]
    if not rows:
        return
    table = pd.DataFrame(rows)
    names = [one.name for one in runs]
    measures = {"parameters": ("parameters", True), "seconds": ("seconds of training", False)}
    for column, (measure, (title, powers)) in zip(st.columns(2), measures.items(), strict=True):
        with column:
            told = "; ".join(
                f"{row['run']}: {words.percent(row['accuracy'])} with {row[measure]:.4g}"
                for row in rows
            )
            st.altair_chart(
                charts.accuracy_against(table, measure, title, names, powers),
                key=f"compare-{measure}",
                alt=f"Accuracy against {title}. {told}",
            )
    st.dataframe(
        pd.DataFrame([_told(row) for row in rows]),
        hide_index=True,
        alt="The same in numbers",
    )
    st.caption(
        "Bars and brackets: the 95\u202f% interval for test images like these. Another seed moves the"
        " accuracy, too: Experiments measures how much."
    )


def _row(one: Compared) -> dict[str, Any]:
    last = one.run.epochs[-1]
    images = len(services.chosen(one.run.job.data).test)
    low, high = wilson(last.validation_accuracy, images)
    return {
        "run": one.name,
        "accuracy": last.validation_accuracy,
        "low": low,
        "high": high,
        "images": images,
        "loss": last.validation_loss,
        "epochs": last.epoch,
        "parameters": services.run_plan(one.run).parameters,
        "seconds": one.run.seconds,
        "network": words.network(one.run.job.network),
    }


def _told(row: dict[str, Any]) -> dict[str, str]:
    return {
        "run": row["run"],
        "accuracy": words.accuracy(row["accuracy"], row["images"]),
        "test loss": f"{row['loss']:.4f}",
        "parameters": words.thousands(row["parameters"]),
        "epochs": str(row["epochs"]),
        "training": f"{row['seconds']:.1f}\u202fs",
        "network": row["network"],
    }
