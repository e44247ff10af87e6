"""The charts of what a filter or unit looks for."""

import altair as alt
import pandas as pd

from cnn.ui.common.theme import NEGATIVE, POSITIVE, QUIET


def class_bars(table: pd.DataFrame) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """A bar a class from zero, in the table's order; columns "class", "mean", "images" and "text"."""
    base = alt.Chart(table).encode(
        y=alt.Y("class:N", sort=list(table["class"]), title=None, axis=alt.Axis(labelLimit=160)),
        x=alt.X("mean:Q", title="mean value", scale=alt.Scale(zero=True)),
    )
    negative = alt.datum.mean < 0
    bars = base.mark_bar().encode(
        color=alt.condition(negative, alt.value(NEGATIVE), alt.value(POSITIVE)),
        tooltip=["class", alt.Tooltip("mean:Q", format=".4g"), alt.Tooltip("images:Q")],
    )
    right = base.transform_filter(~negative).mark_text(align="left", dx=4, color=QUIET)
    left = base.transform_filter(negative).mark_text(align="right", dx=-4, color=QUIET)
    zero = alt.Chart(pd.DataFrame({"mean": [0.0]})).mark_rule(color=QUIET).encode(x="mean:Q")
    texts = [layer.encode(text="text:N") for layer in (right, left)]
    return alt.layer(bars, *texts, zero).properties(height=alt.Step(24))


def climb(table: pd.DataFrame, best: int) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """The value by step; columns "step" and "value". `best` is the step to point out."""
    line = alt.Chart(table).encode(
        x=alt.X("step:Q", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("value:Q", scale=alt.Scale(zero=False)),
        tooltip=["step", alt.Tooltip("value:Q", format=".4g")],
    )
    top = line.transform_filter(alt.datum.step == best).mark_point(filled=True, size=60)
    return alt.layer(line.mark_line(color=POSITIVE), top).properties(height=180)
