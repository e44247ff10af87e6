"""The pictures of an experiment: runs and means by value, differences, parallel coordinates."""

from collections.abc import Sequence
from math import isfinite
from typing import Literal

import altair as alt
import pandas as pd

from cnn.evaluation.effects import Difference, Level
from cnn.training.experiments.experiment import Experiment, Result
from cnn.training.experiments.factors import Factor
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.theme import FAINT, NEGATIVE, POSITIVE, QUIET
from cnn.ui.experiments import naming

Chart = alt.Chart | alt.LayerChart | alt.FacetChart

PICKED = "picked"
"""The name of the selection of a run in a chart."""

_ROW = 46
_ALL = "all runs"


def effect(
    levels: Sequence[Level], results: Sequence[Result], at: int | None, factor: Factor | None
) -> Chart:
    """Each run a point, each value's mean with its 95% interval over seeds.

    `at` is the factor's place in a result's levels; None where nothing is varied.
    """

    def name(value: str) -> str:
        return _ALL if factor is None else naming.value(factor.setting, value)

    order = [name(level.value) for level in levels]
    runs = pd.DataFrame(
        [
            {
                "value": _ALL if at is None else name(result.levels[at]),
                "accuracy": result.accuracy,
                "seed": result.seed,
                "run": result.run,
            }
            for result in results
            if result.counts
        ]
    )
    means = pd.DataFrame(
        [
            {
                "value": name(level.value),
                "mean": level.mean,
                # Of one seed there is no interval: a point alone.
                "low": level.low if isfinite(level.low) else level.mean,
                "high": level.high if isfinite(level.high) else level.mean,
            }
            for level in levels
        ]
    )
    y = alt.Y("value:N", sort=order, title=None, axis=alt.Axis(labelLimit=140))
    scale = alt.Scale(zero=False, padding=12)
    axis = alt.Axis(format=".1%", tickCount=7, labelOverlap=True)
    picked = alt.selection_point(name=PICKED, fields=["run"], on="click")
    points = (
        alt.Chart(runs)
        .mark_circle(size=70, cursor="pointer", yOffset=9)
        .encode(
            y=y,
            x=alt.X("accuracy:Q", title="accuracy on the test images", scale=scale, axis=axis),
            color=alt.condition(picked, alt.value(QUIET), alt.value(FAINT)),
            tooltip=["value", "seed", alt.Tooltip("accuracy:Q", format=".2%")],
        )
        .add_params(picked)
    )
    base = alt.Chart(means).encode(y=y)
    spans = base.mark_rule(strokeWidth=3, color=POSITIVE, yOffset=-7).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"
    )
    centers = base.mark_point(
        filled=True, size=110, shape="diamond", color=POSITIVE, opacity=1, yOffset=-7
    ).encode(
        x=alt.X("mean:Q", scale=scale, axis=axis),
        tooltip=["value"]
        + [alt.Tooltip(f"{one}:Q", format=".2%") for one in ("mean", "low", "high")],
    )
    return alt.layer(points, spans, centers).properties(
        padding=CHART_PADDING, height=alt.Step(_ROW)
    )


def differences(measured: Sequence[Difference], factors: Sequence[Factor]) -> Chart:
    """Each value beside its reference with the same seeds, in points, and 0 marked."""
    rows = []
    for difference in measured:
        factor = factors[difference.factor]
        value, reference = (
            naming.value(factor.setting, v) for v in (difference.value, difference.reference)
        )
        several = f"{naming.TITLES[factor.setting]}: " if len(factors) > 1 else ""
        known = isfinite(difference.low)
        rows.append(
            {
                "what": f"{several}{value} − {reference}",
                "mean": 100 * difference.mean,
                "low": 100 * (difference.low if known else difference.mean),
                "high": 100 * (difference.high if known else difference.mean),
                "verdict": "more than chance"
                if difference.distinguishable
                else "not distinguishable",
            }
        )
    table = pd.DataFrame(rows)
    order = list(table["what"])
    y = alt.Y("what:N", sort=order, title=None, axis=alt.Axis(labelLimit=220))
    verdicts = alt.Scale(
        domain=["more than chance", "not distinguishable"], range=[POSITIVE, QUIET]
    )
    color = alt.Color(
        "verdict:N", scale=verdicts, title=None, legend=alt.Legend(orient="top", columns=1)
    )
    x = alt.X(
        "low:Q",
        title="difference of accuracy, points",
        scale=alt.Scale(padding=12),
        axis=alt.Axis(tickCount=7, labelOverlap=True),
    )
    base = alt.Chart(table).encode(y=y, color=color)
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=NEGATIVE, strokeDash=[4, 3])
    tips = ["what", "verdict"] + [
        alt.Tooltip(f"{n}:Q", format="+.2f") for n in ("mean", "low", "high")
    ]
    return alt.layer(
        zero.encode(x=alt.X("zero:Q", title="difference of accuracy, points")),
        base.mark_rule(strokeWidth=3).encode(x=x, x2="high:Q"),
        base.mark_point(filled=True, size=110, shape="diamond", opacity=1).encode(
            x="mean:Q", tooltip=tips
        ),
    ).properties(padding=CHART_PADDING, height=alt.Step(36))


def parallel(experiment: Experiment, results: Sequence[Result]) -> Chart:
    """Every run a line through its values to its accuracy, which is also its color."""
    counted = [result for result in results if result.counts]
    low, high = min(r.accuracy for r in counted), max(r.accuracy for r in counted)
    axes = [naming.factor(factor) for factor in experiment.factors] + ["Accuracy"]
    lines, ticks = [], []
    for number, result in enumerate(counted):
        heights = [
            _height(factor.values.index(value), len(factor.values) - 1)
            for factor, value in zip(experiment.factors, result.levels, strict=True)
        ]
        heights.append(_height(result.accuracy - low, high - low))
        levels = naming.levels(experiment, result.levels)
        lines += [
            {"line": number, "axis": axis, "height": height, "accuracy": result.accuracy}
            | {"values": levels, "seed": result.seed}
            for axis, height in zip(axes, heights, strict=True)
        ]
    for axis, factor in zip(axes, experiment.factors, strict=False):
        place = "first" if axis == axes[0] else "between"
        ticks += [
            {"axis": axis, "place": place, "height": _height(at, len(factor.values) - 1)}
            | {"label": naming.value(factor.setting, value)}
            for at, value in enumerate(factor.values)
        ]
    for part in (0.0, 0.5, 1.0):
        label = f"{100 * (low + part * (high - low)):.1f} %"
        ticks.append({"axis": "Accuracy", "place": "last", "height": part, "label": label})
    x = alt.X("axis:N", sort=axes, title=None, axis=alt.Axis(orient="top", labelAngle=0))
    y = alt.Y("height:Q", axis=None, scale=alt.Scale(domain=[-0.05, 1.05]))
    drawn = (
        alt.Chart(pd.DataFrame(lines))
        .mark_line(strokeWidth=1.8, opacity=0.75)
        .encode(
            x=x,
            y=y,
            detail="line:N",
            color=alt.Color(
                "accuracy:Q",
                scale=alt.Scale(range=[FAINT, POSITIVE]),
                legend=alt.Legend(format=".1%", orient="bottom", title="accuracy"),
            ),
            tooltip=["values", "seed", alt.Tooltip("accuracy:Q", format=".2%")],
        )
    )
    marks = alt.Chart(pd.DataFrame(ticks)).encode(x=x, y=y)
    labels: dict[str, tuple[Literal["left", "right", "center"], int, int]]
    labels = {"first": ("right", -8, 0), "last": ("left", 8, 0), "between": ("center", 0, -12)}
    return alt.layer(
        drawn,
        marks.mark_circle(color=QUIET, size=30),
        *(
            marks.transform_filter(f"datum.place == '{place}'")
            .mark_text(align=align, dx=dx, dy=dy, color=QUIET, fontSize=12)
            .encode(text="label:N")
            for place, (align, dx, dy) in labels.items()
        ),
    ).properties(padding=CHART_PADDING, height=320)


def _height(part: float, whole: float) -> float:
    return part / whole if whole else 0.5
