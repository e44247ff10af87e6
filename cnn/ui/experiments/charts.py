"""The pictures of an experiment: runs and means by value, differences, parallel coordinates."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from cnn.evaluation.effects import Difference, Level
from cnn.training.experiments.experiment import Experiment, Result
from cnn.training.experiments.factors import Factor
from cnn.ui.common import formatting
from cnn.ui.common.charts import Chart, tooltips
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.theme import FAINT, NEGATIVE, POSITIVE, QUIET
from cnn.ui.experiments import naming

PICKED = "picked"
"""The name of the selection of a run in a chart."""

_LABELS: dict[str, dict[str, Any]] = {
    "first": {"align": "right", "dx": -8},
    "between": {"align": "center", "dy": -12},
    "last": {"align": "left", "dx": 8},
}
"""Where the labels of an axis of `parallel` stand, so that no line runs through them."""


def effect(
    factors: Sequence[Factor], at: int, levels: Sequence[Level], results: Sequence[Result]
) -> Chart:
    """Each run a point, each value's mean with its 95% interval over seeds.

    `at` is the place of the factor whose `levels` are shown, 0 where nothing is varied. At least
    one result must count.
    """
    counted = [result for result in results if result.counts]
    runs = pd.DataFrame(map(vars, counted))[["accuracy", "seed", "run"]].assign(
        value=[naming.level(factors, at, r.levels[at] if factors else "") for r in counted]
    )
    names = [naming.level(factors, at, level.value) for level in levels]
    means = pd.DataFrame(map(vars, levels)).assign(value=names)
    y = alt.Y("value:N", sort=names, title=None, axis=alt.Axis(labelLimit=140))
    x = alt.X("accuracy:Q", title="accuracy on the test images")
    x = x.scale(zero=False, padding=12).axis(format=".1%", tickCount=7, labelOverlap=True)
    picked = alt.selection_point(name=PICKED, fields=["run"], on="click")
    points = (
        alt.Chart(runs)
        .mark_circle(size=70, cursor="pointer", yOffset=9)
        .encode(
            x,
            y,
            color=alt.condition(picked, alt.value(QUIET), alt.value(FAINT)),
            tooltip=["value", "seed", *tooltips(".2%", "accuracy")],
        )
        .add_params(picked)
    )
    base = alt.Chart(_with_bounds(means)).encode(y, color=alt.value(POSITIVE))
    layers = alt.layer(points, *_intervals(base, ".2%", ["value"], yOffset=-7))
    return layers.properties(padding=CHART_PADDING, height=alt.Step(46))


def differences(factors: Sequence[Factor], measured: Sequence[Difference]) -> Chart:
    """Each value beside its reference with the same seeds, in points, and 0 marked."""
    yes, no = "more than chance", "not distinguishable"
    table = _with_bounds(pd.DataFrame(map(vars, measured))).assign(
        what=[naming.difference(factors, each) for each in measured],
        verdict=[yes if each.distinguishable else no for each in measured],
    )
    table[["mean", "low", "high"]] *= 100
    x = alt.X("zero:Q", title="difference of accuracy, points", scale=alt.Scale(padding=12))
    x = x.axis(tickCount=7, labelOverlap=True)
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=NEGATIVE, strokeDash=[4, 3])
    y = alt.Y("what:N", sort=list(table["what"]), title=None, axis=alt.Axis(labelLimit=220))
    color = alt.Color("verdict:N", title=None, legend=alt.Legend(orient="top", columns=1))
    color = color.scale(domain=[yes, no], range=[POSITIVE, QUIET])
    base = alt.Chart(table[["what", "verdict", "mean", "low", "high"]]).encode(y, color)
    layers = alt.layer(zero.encode(x), *_intervals(base, "+.2f", ["what", "verdict"]))
    return layers.properties(padding=CHART_PADDING, height=alt.Step(36))


def _with_bounds(means: pd.DataFrame) -> pd.DataFrame:
    """One seed has no interval, only its mean: "low" and "high" become that."""
    known, mean = np.isfinite(means["low"]), means["mean"]
    return means.assign(low=means["low"].where(known, mean), high=means["high"].where(known, mean))


def _intervals(base: alt.Chart, form: str, about: list[str], **mark: Any) -> list[alt.Chart]:
    """A line from "low" to "high" and a diamond at the "mean", with the columns `about` it."""
    tooltip = [*about, *tooltips(form, "mean", "low", "high")]
    diamond = base.mark_point(filled=True, size=110, shape="diamond", opacity=1, **mark)
    return [
        base.mark_rule(strokeWidth=3, **mark).encode(x="low:Q", x2="high:Q"),
        diamond.encode(x="mean:Q", tooltip=tooltip),
    ]


def parallel(experiment: Experiment, results: Sequence[Result]) -> Chart:
    """Every run a line through its values to its accuracy, which is also its color."""
    counted = [result for result in results if result.counts]
    accuracies = [result.accuracy for result in counted]
    low, high = min(accuracies), max(accuracies)
    heights = {}
    ticks = []
    for at, factor in enumerate(experiment.factors):
        axis, place = naming.factor(factor), "between" if at else "first"
        places = np.linspace(0, 1, len(factor.values)).tolist()
        heights[axis] = [places[factor.values.index(result.levels[at])] for result in counted]
        labels = [naming.value(factor.setting, value) for value in factor.values]
        ticks += [(axis, place, *tick) for tick in zip(places, labels, strict=True)]
    heights["Accuracy"] = [(one - low) / (high - low) if high > low else 0.5 for one in accuracies]
    for part in (0.0, 0.5, 1.0):
        ticks.append(("Accuracy", "last", part, formatting.percent(low + part * (high - low))))
    values = [naming.levels(experiment, result.levels) for result in counted]
    runs = pd.DataFrame(map(vars, counted))[["seed", "accuracy"]]
    runs = runs.assign(line=range(len(counted)), values=values)
    lines = runs.assign(**heights).melt([*runs], var_name="axis", value_name="height")
    base = alt.Chart().encode(
        x=alt.X("axis:N", sort=list(heights), title=None).axis(orient="top", labelAngle=0),
        y=alt.Y("height:Q", axis=None, scale=alt.Scale(domain=[-0.05, 1.05])),
    )
    color = alt.Color("accuracy:Q", scale=alt.Scale(range=[FAINT, POSITIVE]))
    color = color.legend(format=".1%", orient="bottom", title="accuracy")
    drawn = base.mark_line(strokeWidth=1.8, opacity=0.75).encode(
        color, detail="line:N", tooltip=["values", "seed", *tooltips(".2%", "accuracy")]
    )
    marked = pd.DataFrame(ticks, columns=["axis", "place", "height", "label"])
    return alt.layer(
        drawn.properties(data=lines),
        base.mark_circle(color=QUIET, size=30).properties(data=marked),
        *(
            base.mark_text(**offset, color=QUIET, fontSize=12)
            .encode(text="label:N")
            .properties(data=marked[marked["place"] == place])
            for place, offset in _LABELS.items()
        ),
    ).properties(padding=CHART_PADDING, height=320)
