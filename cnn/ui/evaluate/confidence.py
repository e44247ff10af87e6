"""Whether the network's confidence can be trusted, and where it is least sure."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.common.glossary import term
from cnn.ui.common.layout import CHART_PADDING, responsive_columns
from cnn.ui.common.theme import POSITIVE, QUIET
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.evaluate.gallery import gallery
from cnn.ui.state.session import Session

_BOUNDARY = 48
"""Images nearest the decision boundary to show."""

_SURE = 0.9
"""A confidence that people take for certain."""

_PERCENT = alt.Axis(format="%")
_FULL = alt.Scale(domain=[0, 1])


def confidence(session: Session, seen: EvaluatedRun) -> None:
    """The reliability curve and the images with the smallest margin."""
    st.subheader("Can you trust its confidence?", anchor=False)
    st.markdown(in_words(seen))
    table = _table(seen)
    left, right = responsive_columns(1, 1, narrowest=330)
    with left:
        st.altair_chart(reliability(table))
    with right:
        st.altair_chart(bin_counts(table))
    st.caption(
        "Predictions grouped by their probability. A point on the dashed line is correct as often as"
        " it claims. A point below it is overconfident. The bars are"
        f" {term('confidence interval', '95% intervals')}."
    )
    st.subheader("Close decisions", anchor=False)
    _boundary(session, seen)


def in_words(seen: EvaluatedRun) -> str:
    """The expected calibration error and its direction, in sentences."""
    found, images = seen.metrics, len(seen.predictions)
    mean = float(seen.predictions.confidence.mean())
    low, high = wilson(found.accuracy, images)
    if low <= mean <= high:
        side = "Overall, it is about as sure as it is correct."
    elif mean > high:
        side = "Overall, it is overconfident."
    else:
        side = "Overall, it is underconfident."
    return (
        f"Its mean {term('confidence')} is **{formatting.percent(mean)}**, its accuracy"
        f" **{formatting.accuracy(found.accuracy, images)}**. {side} Within each group below, the two differ"
        f" by **{100 * found.calibration.error:.1f} points** on average"
        f" ({term('calibration', 'expected calibration error')})."
        f" {sure_mistakes(seen)}"
    )


def sure_mistakes(seen: EvaluatedRun) -> str:
    """How many mistakes it makes with a high confidence, in a sentence; "" where it makes none."""
    wrong = seen.predictions.confidence[~seen.predictions.correct]
    if not len(wrong):
        return ""
    sure = int((wrong >= _SURE).sum())
    return (
        f"In {formatting.thousands(sure)} of {formatting.thousands(len(wrong))} mistakes, it was at least"
        f" {formatting.percent(_SURE, 0)} sure."
    )


def _table(seen: EvaluatedRun) -> pd.DataFrame:
    found = seen.metrics.calibration
    intervals = [
        wilson(float(share), int(count))
        for share, count in zip(found.accuracy, found.counts, strict=True)
    ]
    return pd.DataFrame(
        {
            "from": found.lows,
            "to": found.lows + 0.1,
            "images": found.counts,
            "correct": found.accuracy,
            "confidence": found.confidence,
            "low": [low for low, _ in intervals],
            "high": [high for _, high in intervals],
        }
    )


def _boundary(session: Session, seen: EvaluatedRun) -> None:
    """The images whose two most probable classes are closest, correct and wrong."""
    found = seen.predictions
    kind = st.segmented_control(
        "Which predictions",
        ["All", "Correct", "Wrong"],
        default="All",
        required=True,
        key="evaluate-boundary",
        persist_state="session",
        label_visibility="collapsed",
    )
    wanted = {
        "All": np.ones_like(found.correct),
        "Correct": found.correct,
        "Wrong": ~found.correct,
    }[kind]
    places = np.flatnonzero(wanted)
    places = places[np.argsort(found.margin[places], kind="stable")][:_BOUNDARY]
    correct = int(found.correct[places].sum())
    st.caption(
        f"The {len(places)} images with the smallest lead of the most probable class over the next."
        f" A small change of the pixels would change the prediction. {correct} of them are correct."
    )
    leads = tuple(f"lead: {100 * float(found.margin[place]):.1f} points" for place in places)
    gallery(session, seen, places, f"boundary-{kind}", page=16, values=leads)


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
