"""Whether the network's confidence can be trusted, and where it is least sure."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.common.charts import Chart, draw, tooltips
from cnn.ui.common.choices import choice
from cnn.ui.common.layout import CHART_PADDING, responsive_columns
from cnn.ui.common.prose import read_sections
from cnn.ui.common.theme import POSITIVE, QUIET
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.evaluate.gallery import gallery
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)

_BOUNDARY = 48
"""Images nearest the decision boundary to show."""

_SURE = 0.9
"""A confidence that people take for certain."""

_PERCENT = alt.Axis(format="%")
_FULL = alt.Scale(domain=[0, 1])


def confidence(session: Session, seen: EvaluatedRun) -> None:
    """The reliability curve and the images with the smallest margin."""
    st.header("Can you trust its confidence?", anchor=False)
    st.markdown(in_words(seen))
    table = seen.metrics.calibration.reset_index(names="from")
    left, right = responsive_columns(1, 1, narrowest=330)
    draw(reliability, table, place=left)
    draw(bin_counts, table, place=right)
    _TEXT.caption("charts")
    st.header("Close decisions", anchor=False)
    _boundary(session, seen)


def in_words(seen: EvaluatedRun) -> str:
    """The expected calibration error and its direction, in sentences."""
    found, images = seen.metrics, len(seen.predictions)
    mean = float(seen.predictions.confidence.mean())
    low, high = seen.interval
    overall = "overconfident" if mean > high else "underconfident" if mean < low else "calibrated"
    return _TEXT.text(
        "confidence",
        confidence=mean,
        accuracy=formatting.accuracy(found.accuracy, images),
        overall=_TEXT.text(f"overall/{overall}"),
        error=found.calibration_error,
        sure_mistakes=sure_mistakes(seen),
    )


def sure_mistakes(seen: EvaluatedRun) -> str:
    """How many mistakes it makes with a high confidence, in a sentence; "" where it makes none."""
    wrong = seen.predictions.confidence[~seen.predictions.correct]
    if not len(wrong):
        return ""
    sure = (wrong >= _SURE).sum()
    return _TEXT.text("sure_mistakes", sure=sure, mistakes=len(wrong), limit=_SURE)


def _boundary(session: Session, seen: EvaluatedRun) -> None:
    """The images whose two most probable classes are closest, correct and wrong."""
    found = seen.predictions
    correct = found.correct
    wanted = {"All": np.ones_like(correct), "Correct": correct, "Wrong": ~correct}
    kind = choice("Which predictions", list(wanted), "evaluate-boundary", labeled=False)
    places = np.flatnonzero(wanted[kind])
    places = places[np.argsort(found.margin[places], kind="stable")][:_BOUNDARY]
    _TEXT.caption("boundary", images=len(places), correct=correct[places].sum())

    def lead(place: int) -> str:
        return f"lead: {formatting.points(found.margin[place])} points"

    gallery(session, seen, places, f"boundary-{kind}", lead)


def reliability(table: pd.DataFrame) -> Chart:
    """How often predictions of each confidence are correct, with intervals, and the ideal line.

    Columns "from", "to", "images", "correct", "confidence", "low" and "high", all shares but "images".
    """
    x = alt.X("confidence:Q", title="mean confidence", scale=_FULL, axis=_PERCENT)
    y = alt.Y("correct:Q", title="correct", scale=_FULL, axis=_PERCENT)
    low = alt.Y("low:Q", title="correct", scale=_FULL, axis=_PERCENT)
    ideal = alt.Chart(pd.DataFrame({"confidence": [0.0, 1.0], "correct": [0.0, 1.0]}))
    mean, correct = tooltips(".1%", "confidence", "correct")
    mean = mean.title("mean confidence")
    tooltip = [*tooltips(".0%", "from", "to"), *tooltips(",", "images"), mean, correct]
    base = alt.Chart(table).encode(x, tooltip=tooltip)
    return alt.layer(
        ideal.mark_line(color=QUIET, strokeDash=[6, 4]).encode(x, y),
        base.mark_rule(color=POSITIVE, strokeWidth=2).encode(low, alt.Y2("high:Q")),
        base.mark_line(color=POSITIVE, point=alt.OverlayMarkDef(size=50, color=POSITIVE)).encode(y),
    ).properties(padding=CHART_PADDING, height=300)


def bin_counts(table: pd.DataFrame) -> Chart:
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
