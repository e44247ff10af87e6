"""Accuracy and loss with their intervals, before all else."""

import streamlit as st

from cnn.statistics import mean_interval, wilson
from cnn.ui.common import formatting
from cnn.ui.evaluate.evaluated_run import EvaluatedRun


def headline(seen: EvaluatedRun) -> None:
    """Accuracy, loss, mistakes and the number of test images."""
    found, images = seen.metrics, len(seen.metrics.truth)
    low, high = wilson(found.accuracy, images)
    loss, least, most = mean_interval(found.losses.tolist())
    with st.container(horizontal=True, gap="small"):
        _told(
            "Accuracy",
            formatting.percent(found.accuracy),
            f"95\u202f% interval {100 * low:.1f} to {100 * high:.1f}",
            "The share of test images answered rightly; interval by Wilson (1927).",
        )
        _told(
            "Loss",
            f"{loss:.3f}",
            f"95\u202f% interval {least:.3f} to {most:.3f}" if images > 1 else "of one image",
            "The mean cross-entropy: -log of the probability given to the true class. It is 0 for a"
            " network that is always right and certain. Interval of the mean by Student's t.",
        )
        _told(
            "Mistakes",
            formatting.thousands(int((~found.right).sum())),
            f"of {formatting.thousands(images)} test images",
            "The network has not been trained on any of the test images.",
        )


def _told(label: str, value: str, below: str, meaning: str) -> None:
    st.metric(
        label,
        value,
        below,
        delta_color="off",
        delta_arrow="off",
        help=meaning,
        width="content",
    )
