"""The chart of the lesson on training: the loss after a step, by the learning rate of the step."""

import altair as alt
import pandas as pd

from cnn.ui.common.theme import POSITIVE, QUIET

MOVED = ("all weights", "this filter alone")

_LEGEND = alt.Legend(orient="top", symbolType="stroke", symbolSize=500, symbolStrokeWidth=2)


def loss_by_rate(
    table: pd.DataFrame, before: float, rate: float, top: float
) -> alt.LayerChart | alt.FacetChart:
    """A line for each of `MOVED`; columns "rate", "loss" and "moved".

    A level line marks the loss `before` the step, an upright one the `rate` that is set. What lies
    above `top` is cut off.
    """
    low = min(float(table["loss"].min()), before)
    reach = alt.Scale(domain=[low - 0.05 * (top - low), top], nice=False)
    x = alt.X(
        "rate:Q", title="learning rate", scale=alt.Scale(type="log"), axis=alt.Axis(format="~g")
    )
    y = alt.Y("loss:Q", title="loss after the step", scale=reach)
    lines = (
        alt.Chart(table)
        .mark_line(clip=True, point=alt.OverlayMarkDef(filled=True, size=30, clip=True))
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "moved:N",
                title=None,
                scale=alt.Scale(domain=MOVED, range=[POSITIVE, QUIET]),
                legend=_LEGEND,
            ),
            strokeDash=alt.StrokeDash(
                "moved:N",
                title=None,
                scale=alt.Scale(domain=MOVED, range=[[1, 0], [6, 4]]),
                legend=_LEGEND,
            ),
            tooltip=["rate", "moved", alt.Tooltip("loss:Q", format=".4f")],
        )
    )
    level = alt.Chart(pd.DataFrame({"loss": [before], "text": ["before the step"]})).encode(y=y)
    upright = alt.Chart(pd.DataFrame({"rate": [rate]})).mark_rule(color=QUIET, strokeDash=[2, 2])
    return alt.layer(
        level.mark_rule(color=QUIET, strokeDash=[2, 2]),
        level.mark_text(align="left", x=4, dy=-7, color=QUIET).encode(text="text:N"),
        upright.encode(x="rate:Q"),
        lines,
    ).properties(height=260)
