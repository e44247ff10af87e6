"""The chart of the lesson on dense layers: what each layer has of a network's costs."""

import altair as alt
import pandas as pd

from cnn.ui.common.theme import POSITIVE, QUIET


def shares(table: pd.DataFrame) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """A bar a layer on a pale one for the whole; columns "layer", in words, and "share" (0 to 1)."""
    reach = alt.Scale(domain=[0, 1])
    bars = alt.Chart(table.assign(whole=1)).encode(
        y=alt.Y("layer:N", sort=None, title=None, axis=alt.Axis(labelLimit=240)),
        x=alt.X("share:Q", scale=reach, axis=None),
    )
    whole = bars.mark_bar(color=QUIET, opacity=0.2).encode(
        x=alt.X("whole:Q", scale=reach, axis=None)
    )
    return alt.layer(whole, bars.mark_bar(color=POSITIVE)).properties(height=alt.Step(30))
