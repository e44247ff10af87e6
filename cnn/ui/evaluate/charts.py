"""The charts of Evaluate."""

import altair as alt
import pandas as pd

from cnn.ui.common.theme import POSITIVE, QUIET

_PERCENT = alt.Axis(format="%")
_FULL = alt.Scale(domain=[0, 1])


def reliability(table: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """How often answers of each confidence are right, with intervals, and where it would be ideal.

    Columns "from", "to", "images", "right", "confidence", "low" and "high", all shares but "images".
    """
    ideal = (
        alt.Chart(pd.DataFrame({"confidence": [0.0, 1.0], "right": [0.0, 1.0]}))
        .mark_line(color=QUIET, strokeDash=[6, 4])
        .encode(x=_confidence(), y=alt.Y("right:Q"))
    )
    base = alt.Chart(table).encode(
        x=_confidence(),
        tooltip=[
            alt.Tooltip("from:Q", format=".0%"),
            alt.Tooltip("to:Q", format=".0%"),
            alt.Tooltip("images:Q"),
            alt.Tooltip("confidence:Q", title="mean confidence", format=".1%"),
            alt.Tooltip("right:Q", format=".1%"),
        ],
    )
    intervals = base.mark_rule(color=POSITIVE, strokeWidth=2).encode(
        y=alt.Y("low:Q", title="right", scale=_FULL, axis=_PERCENT), y2="high:Q"
    )
    line = base.mark_line(color=POSITIVE, point=alt.OverlayMarkDef(size=50, color=POSITIVE)).encode(
        y=alt.Y("right:Q", title="right", scale=_FULL, axis=_PERCENT)
    )
    return alt.layer(ideal, intervals, line).properties(height=300)


def bin_counts(table: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """How many answers have each confidence; columns as those of `reliability`."""
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
    return alt.layer(bars, numbers).properties(height=300)


def _confidence() -> alt.X:
    return alt.X("confidence:Q", title="mean confidence", scale=_FULL, axis=_PERCENT)
