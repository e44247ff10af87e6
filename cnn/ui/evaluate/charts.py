"""The charts of Evaluate: calibration, the evidence of health findings, gradients over the epochs."""

from typing import Any

import altair as alt
import pandas as pd

from cnn.evaluation.health.measurements import GradientLines
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.theme import CLASSES, NEGATIVE, POSITIVE, QUIET
from cnn.ui.evaluate.findings import Bars
from cnn.ui.evaluate.remedies import layer_name

_PERCENT = alt.Axis(format="%")
_FULL = alt.Scale(domain=[0, 1])
_MOST_NAMES = 40


def reliability(table: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """How often predictions of each confidence are correct, with intervals, and the ideal line.

    Columns "from", "to", "images", "correct", "confidence", "low" and "high", all shares but "images".
    """
    ideal = (
        alt.Chart(pd.DataFrame({"confidence": [0.0, 1.0], "correct": [0.0, 1.0]}))
        .mark_line(color=QUIET, strokeDash=[6, 4])
        .encode(x=_confidence(), y=alt.Y("correct:Q"))
    )
    base = alt.Chart(table).encode(
        x=_confidence(),
        tooltip=[
            alt.Tooltip("from:Q", format=".0%"),
            alt.Tooltip("to:Q", format=".0%"),
            alt.Tooltip("images:Q"),
            alt.Tooltip("confidence:Q", title="mean confidence", format=".1%"),
            alt.Tooltip("correct:Q", format=".1%"),
        ],
    )
    intervals = base.mark_rule(color=POSITIVE, strokeWidth=2).encode(
        y=alt.Y("low:Q", title="correct", scale=_FULL, axis=_PERCENT), y2="high:Q"
    )
    line = base.mark_line(color=POSITIVE, point=alt.OverlayMarkDef(size=50, color=POSITIVE)).encode(
        y=alt.Y("correct:Q", title="correct", scale=_FULL, axis=_PERCENT)
    )
    return alt.layer(ideal, intervals, line).properties(padding=CHART_PADDING, height=300)


def bin_counts(table: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """How many predictions have each confidence; columns as those of `reliability`."""
    base = alt.Chart(table).encode(
        x=alt.X("from:Q", title="confidence", scale=_FULL, axis=_PERCENT),
        y=alt.Y("images:Q", title="test images"),
        tooltip=["images"],
    )
    bars = base.mark_bar(color=POSITIVE).encode(x2="to:Q", y2=alt.datum(0))
    numbers = (
        base.transform_calculate(middle="(datum.from + datum.to) / 2")
        .mark_text(dy=-7, color=QUIET)
        .encode(x=alt.X("middle:Q"), text="images:Q")
    )
    return alt.layer(bars, numbers).properties(padding=CHART_PADDING, height=300)


def _confidence() -> alt.X:
    return alt.X("confidence:Q", title="mean confidence", scale=_FULL, axis=_PERCENT)


def bars(evidence: Bars) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """A bar per item, the flagged ones in another color, and the limit."""
    rows = pd.DataFrame(
        {
            evidence.of: evidence.names,
            "value": evidence.values,
            "group": ["flagged" if flag else "others" for flag in evidence.flagged],
        }
    )
    horizontal = evidence.of in ("layer", "class")
    title = evidence.measure
    scale = alt.Scale(type="log") if evidence.logarithmic else alt.Scale(domainMin=0)
    axis = alt.Axis(format="%") if evidence.share else alt.Axis()
    amount: dict[str, Any] = {"title": title, "scale": scale, "axis": axis}
    labels = horizontal or len(evidence.names) <= _MOST_NAMES
    names: dict[str, Any] = {
        "sort": None,
        "title": None if horizontal else evidence.of,
        "axis": alt.Axis(labels=labels, ticks=labels, labelAngle=0, labelLimit=140),
    }
    places: dict[str, Any] = (
        {"y": alt.Y(f"{evidence.of}:N", **names), "x": alt.X("value:Q", **amount)}
        if horizontal
        else {"x": alt.X(f"{evidence.of}:N", **names), "y": alt.Y("value:Q", **amount)}
    )
    colors = alt.Scale(domain=["flagged", "others"], range=[NEGATIVE, QUIET])
    base = alt.Chart(rows)
    # A logarithmic axis has no 0 for a bar to stand on.
    drawn = base.mark_point(filled=True, size=90) if evidence.logarithmic else base.mark_bar()
    shown = drawn.encode(
        **places,
        color=alt.Color("group:N", scale=colors, title=None, legend=alt.Legend(orient="top")),
        tooltip=[
            evidence.of,
            alt.Tooltip("value:Q", format=".2%" if evidence.share else ",.0f", title=title),
        ],
    )
    limit = alt.Chart(pd.DataFrame({"value": [evidence.threshold]})).mark_rule(strokeDash=[4, 3])
    ruled = (limit.encode(x="value:Q") if horizontal else limit.encode(y="value:Q")).encode(
        color=alt.value(QUIET)
    )
    height = alt.Step(24) if horizontal else 200
    return alt.layer(shown, ruled).properties(height=height)


def gradients(evidence: GradientLines) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """A line per layer over the epochs, on a logarithmic axis; a gradient of 0 leaves a gap."""
    names = list(map(layer_name, evidence.layers))
    rows = pd.DataFrame(
        {"epoch": epoch, "layer": layer, "gradient": size if size > 0 else None}
        for epoch, sizes in zip(evidence.epochs, evidence.sizes, strict=True)
        for layer, size in zip(names, sizes, strict=True)
    )
    colors = alt.Scale(domain=names, range=CLASSES["light"])
    legend = alt.Legend(orient="top", columns=3, symbolType="stroke", symbolStrokeWidth=2)
    return (
        alt.Chart(rows)
        .mark_line(point=alt.OverlayMarkDef(filled=True, size=20))
        .encode(
            x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y(
                "gradient:Q",
                title="root mean square of the gradient",
                scale=alt.Scale(type="log"),
                axis=alt.Axis(format=".0e", tickCount=6),
            ),
            color=alt.Color("layer:N", sort=None, scale=colors, title=None, legend=legend),
            tooltip=["epoch", "layer", alt.Tooltip("gradient:Q", format=".2e")],
        )
        .properties(height=240)
    )
