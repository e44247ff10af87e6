"""Whether the network's confidence can be believed, and where it is least sure."""

import numpy as np
import pandas as pd
import streamlit as st

from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.evaluate import charts
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.evaluate.gallery import gallery
from cnn.ui.state.session import Session

_BOUNDARY = 48
"""Images nearest the decision boundary to look through."""


def confidence(session: Session, seen: EvaluatedRun) -> None:
    """The reliability curve and the images with the smallest margin."""
    st.subheader("Can its confidence be believed?", anchor=False)
    st.markdown(in_words(seen))
    table = _table(seen)
    left, right = st.columns(2, gap="large")
    with left:
        st.altair_chart(charts.reliability(table))
    with right:
        st.altair_chart(charts.bin_counts(table))
    st.caption(
        "Answers sorted by the probability that the network gave them. A point on the dashed line:"
        " as often right as it says; below it: too sure of itself. The bars are 95\u202f% intervals."
    )
    st.subheader("On the edge between two classes", anchor=False)
    _boundary(session, seen)


def in_words(seen: EvaluatedRun) -> str:
    """The expected calibration error and its direction, in sentences."""
    found = seen.metrics
    error = found.calibration.error
    mean = float(found.confidence.mean())
    low, high = wilson(found.accuracy, len(found.truth))
    if low <= mean <= high:
        side = "on the whole it is about as sure as it is right"
    elif mean > high:
        side = "on the whole it is too sure of itself"
    else:
        side = "on the whole it is less sure than it could be"
    return (
        f"Its mean confidence is **{formatting.percent(mean)}**, its accuracy"
        f" **{formatting.accuracy(found.accuracy, len(found.truth))}**: {side}. Bin by bin, the two differ"
        f" by **{100 * error:.1f} points** on average (expected calibration error)."
    )


def _table(seen: EvaluatedRun) -> pd.DataFrame:
    found = seen.metrics.calibration
    intervals = [
        wilson(float(right), int(count))
        for right, count in zip(found.right, found.counts, strict=True)
    ]
    return pd.DataFrame(
        {
            "from": found.lows,
            "to": found.lows + 0.1,
            "images": found.counts,
            "right": found.right,
            "confidence": found.confidence,
            "low": [low for low, _ in intervals],
            "high": [high for _, high in intervals],
        }
    )


def _boundary(session: Session, seen: EvaluatedRun) -> None:
    """The images whose two most probable classes are closest, right and wrong."""
    found = seen.metrics
    kind = st.segmented_control(
        "Which",
        ["All", "Right", "Wrong"],
        default="All",
        required=True,
        key="evaluate-boundary",
        persist_state="session",
        label_visibility="collapsed",
    )
    wanted = {"All": np.ones_like(found.right), "Right": found.right, "Wrong": ~found.right}[kind]
    places = np.flatnonzero(wanted)
    places = places[np.argsort(found.margin[places], kind="stable")][:_BOUNDARY]
    right = int(found.right[places].sum())
    st.caption(
        f"The {len(places)} images with the smallest margin: how many points the most probable class"
        f" is ahead of the next. A small change of the pixels would turn the answer. {right} of them"
        " are right."
    )
    ahead = tuple(f"{100 * float(found.margin[place]):.1f} ahead" for place in places)
    gallery(session, seen, places, f"boundary-{kind}", page=16, values=ahead)
