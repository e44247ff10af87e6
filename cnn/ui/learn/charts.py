"""The charts that several lessons draw."""

import altair as alt
import numpy as np
import pandas as pd

from cnn.ui.common.charts import Chart, tooltips
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.theme import NEGATIVE, POSITIVE, QUIET

Ends = tuple[float, float]

# Objects instead of text such as "x:Q", which Altair takes five times as long to parse.
_X, _Y = alt.X("x:Q"), alt.Y("y:Q")


def share_bars(table: pd.DataFrame) -> Chart:
    """Draw each "share", from 0 to 1, beside its "label" as a bar on a pale bar for the whole.

    `table` also has "chosen": whether the bar is colored.
    """
    labels = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=240))
    base = alt.Chart(table.assign(whole=1)).encode(labels)
    whole = base.mark_bar(color=QUIET, opacity=0.2).encode(alt.X("whole:Q", axis=None))
    color = alt.condition("datum.chosen", alt.value(POSITIVE), alt.value(QUIET))
    bars = base.mark_bar().encode(alt.X("share:Q", axis=None), color=color)
    return alt.layer(whole, bars).properties(height=alt.Step(30), padding=CHART_PADDING)


def curve_with_point(
    table: pd.DataFrame,
    point: tuple[float, float],
    titles: tuple[str, str],
    x_ends: Ends,
    y_ends: Ends | None = None,
    color: str = POSITIVE,
    slope: float | None = None,
) -> Chart:
    """Draw a curve with a point, lines from there to both axes, and its tangent if it has a `slope`.

    `table` has the columns "x" and "y", and may have "part": the curve is not joined between two.
    `titles` are those of the axes.
    """
    across = alt.X("x:Q", title=titles[0], scale=alt.Scale(domain=x_ends))
    range_up = alt.Scale(domain=y_ends) if y_ends else alt.Undefined
    up = alt.Y("y:Q", title=titles[1], scale=range_up, axis=alt.Axis(minExtent=30))
    detail = [alt.Detail("part:N")] if "part" in table else []
    layers = [alt.Chart(table).mark_line(color=color, clip=True).encode(across, up, *detail)]
    if slope is not None:
        ends = np.array([-1.5, 1.5])
        tangent = pd.DataFrame({"x": point[0] + ends, "y": point[1] + slope * ends})
        line = alt.Chart(tangent).mark_line(color=NEGATIVE, clip=True, strokeWidth=3)
        layers.append(line.encode(_X, _Y))
    here = alt.Chart(pd.DataFrame({"x": [point[0]], "y": [point[1]]}))
    dashed = here.mark_rule(color=QUIET, strokeDash=[3, 3])
    dot = here.mark_point(filled=True, size=90, color=NEGATIVE, opacity=1)
    dot = dot.encode(_X, _Y, tooltip=tooltips(".4g", "x", "y"))
    layers += [dashed.encode(_X), dashed.encode(_Y), dot]
    return alt.layer(*layers).properties(height=230, padding=CHART_PADDING)
