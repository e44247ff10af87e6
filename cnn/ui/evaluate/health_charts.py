"""The pictures of findings: bars with their limit, gradients over the epochs."""

from typing import Any

import altair as alt
import pandas as pd

from cnn.evaluation.health.finding import Bars, GradientLines
from cnn.ui.common.theme import NEGATIVE, QUIET

_MOST_NAMES = 40
_LINES = ["#1f77c9", "#e07b1a", "#2a9d6f", "#b3589a", "#8a7a1f", "#5b6bd6", "#c0504d", "#5a8f9c"]


def bars(evidence: Bars) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """A bar for each thing, those that were found in another color, and the limit."""
    rows = pd.DataFrame(
        {
            evidence.of: evidence.names,
            "value": evidence.values,
            "found": ["found" if ill else "others" for ill in evidence.ill],
        }
    )
    lying = evidence.of in ("layer", "class")
    title = evidence.measure
    scale = alt.Scale(type="log") if evidence.powers else alt.Scale(domainMin=0)
    axis = alt.Axis(format="%") if evidence.share else alt.Axis()
    amount: dict[str, Any] = {"title": title, "scale": scale, "axis": axis}
    labels = lying or len(evidence.names) <= _MOST_NAMES
    names: dict[str, Any] = {
        "sort": None,
        "title": None if lying else evidence.of,
        "axis": alt.Axis(labels=labels, ticks=labels, labelAngle=0, labelLimit=140),
    }
    places: dict[str, Any] = (
        {"y": alt.Y(f"{evidence.of}:N", **names), "x": alt.X("value:Q", **amount)}
        if lying
        else {"x": alt.X(f"{evidence.of}:N", **names), "y": alt.Y("value:Q", **amount)}
    )
    colors = alt.Scale(domain=["found", "others"], range=[NEGATIVE, QUIET])
    base = alt.Chart(rows)
    # On a scale of powers there is no 0 for a bar to stand on.
    drawn = base.mark_point(filled=True, size=90) if evidence.powers else base.mark_bar()
    shown = drawn.encode(
        **places,
        color=alt.Color("found:N", scale=colors, title=None, legend=alt.Legend(orient="top")),
        tooltip=[
            evidence.of,
            alt.Tooltip("value:Q", format=".2%" if evidence.share else ",.0f", title=title),
        ],
    )
    limit = alt.Chart(pd.DataFrame({"value": [evidence.threshold]})).mark_rule(strokeDash=[4, 3])
    ruled = (limit.encode(x="value:Q") if lying else limit.encode(y="value:Q")).encode(
        color=alt.value(QUIET)
    )
    height = alt.Step(24) if lying else 200
    return alt.layer(shown, ruled).properties(height=height)


def gradients(evidence: GradientLines) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """A line a layer over the epochs, in powers of ten; a gradient of 0 leaves a gap."""
    rows = pd.DataFrame(
        {"epoch": epoch, "layer": layer, "gradient": size if size > 0 else None}
        for epoch, sizes in zip(evidence.epochs, evidence.sizes, strict=True)
        for layer, size in zip(evidence.layers, sizes, strict=True)
    )
    colors = alt.Scale(domain=list(evidence.layers), range=_LINES)
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
