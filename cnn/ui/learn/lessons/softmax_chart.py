"""The charts of the lesson on softmax: the loss over a probability, and sigmoid."""

import altair as alt
import numpy as np
import pandas as pd

from cnn import operations
from cnn.ui.common.theme import NEGATIVE, POSITIVE, QUIET

_HIGHEST = 5.0

Chart = alt.Chart | alt.LayerChart | alt.FacetChart


def loss_curve(probability: float, loss: float) -> Chart:
    """-ln p over p, with the point that is looked at."""
    highest = max(_HIGHEST, loss)
    losses = np.linspace(0, highest, 401)
    return _curve(
        pd.DataFrame({"p": np.exp(-losses), "loss": losses}),
        pd.DataFrame({"p": [probability], "loss": [loss]}),
        ("p", "probability p of the true class", [0, 1]),
        ("loss", "loss L", [0, highest]),
    )


def sigmoid_curve(difference: float, probability: float, reach: float) -> Chart:
    """Sigmoid from -reach to reach, with the point that is looked at."""
    x = np.linspace(-reach, reach, 401, dtype=np.float32)
    return _curve(
        pd.DataFrame({"x": x, "p": operations.sigmoid(x)}),
        pd.DataFrame({"x": [difference], "p": [probability]}),
        ("x", "a − b", [-reach, reach]),
        ("p", "probability p", [0, 1]),
    )


def _curve(
    table: pd.DataFrame,
    point: pd.DataFrame,
    across: tuple[str, str, list[float]],
    up: tuple[str, str, list[float]],
) -> Chart:
    """A curve and a point on it; of both axes the column, the title and the reach."""
    reach_x, reach_y = (alt.Scale(domain=reach, nice=False) for _, _, reach in (across, up))
    x = alt.X(f"{across[0]}:Q", title=across[1], scale=reach_x)
    y = alt.Y(f"{up[0]}:Q", title=up[1], scale=reach_y)
    line = alt.Chart(table).mark_line(color=POSITIVE).encode(x=x, y=y)
    here = alt.Chart(point).encode(x=x, y=y)
    columns = [alt.Tooltip(f"{column}:Q", format=".4f") for column in (across[0], up[0])]
    return alt.layer(
        line,
        alt.Chart(point).mark_rule(color=QUIET, strokeDash=[2, 2]).encode(x=x),
        here.mark_point(filled=True, size=110, opacity=1, color=NEGATIVE).encode(tooltip=columns),
    ).properties(height=280)
