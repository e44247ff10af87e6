"""This run compared with people and with published results, each with its number of images."""

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from cnn.evaluation.published import (
    HUMAN,
    HUMAN_IMAGES,
    OFFICIAL_TEST,
    OFFICIAL_TRAIN,
    PUBLISHED,
    SOURCE,
    official_split,
    why_not_comparable,
)
from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.common.glossary import term
from cnn.ui.common.theme import POSITIVE
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.state.session import Session


def published(session: Session, seen: EvaluatedRun) -> None:
    """The human accuracy and the published rows, with this run among them by its accuracy."""
    if reason := why_not_comparable(seen.data):
        st.info(reason, icon=":material/info:")
        return
    st.markdown(compared_with_people(seen))
    if not official_split(seen.data):
        st.warning(_caution(seen), icon=":material/balance:")
    st.dataframe(
        _table(seen),
        hide_index=True,
        height="content",
        placeholder="–",
        # The counts next to the accuracy, so that a phone never shows one without the others.
        column_order=["Accuracy", "Trained on", "Tested on", "What", "Preparation of images"],
        column_config={
            # Fixed: otherwise a column is only as wide as its first rows need.
            "What": st.column_config.TextColumn(width=340),
            "Preparation of images": st.column_config.TextColumn(width=250),
            "Accuracy": st.column_config.NumberColumn(format="%.1f %%", width=70),
            "Trained on": st.column_config.NumberColumn(format="localized", width=75),
            "Tested on": st.column_config.NumberColumn(format="localized", width=75),
        },
    )
    st.caption(
        f"Some rows of [Fashion-MNIST's own benchmark]({SOURCE}). Its authors have not tested them."
        " Their counts are those of the benchmark's split. People: the majority of 3 labels by people"
        f" without expertise in fashion, for each of {formatting.thousands(HUMAN_IMAGES)} test images."
    )


def compared_with_people(seen: EvaluatedRun) -> str:
    """Whether this run is better or worse than people, in a sentence."""
    accuracy, images = seen.metrics.accuracy, len(seen.predictions)
    low, high = wilson(accuracy, images)
    people = wilson(HUMAN, HUMAN_IMAGES)
    if low > people[1]:
        verdict = "better than people"
    elif high < people[0]:
        verdict = "worse than people"
    else:
        verdict = "about as good as people"
    return (
        f"This run is **{verdict}**: {formatting.accuracy(accuracy, images)} on {formatting.thousands(images)}"
        f" test images, people {formatting.accuracy(HUMAN, HUMAN_IMAGES)} on"
        f" {formatting.thousands(HUMAN_IMAGES)}. 95% {term('confidence interval', 'confidence intervals')} in parentheses."
    )


def _caution(seen: EvaluatedRun) -> str:
    return (
        f"This run was trained on **{formatting.thousands(len(seen.data.train))}** images and tested on"
        f" {formatting.thousands(len(seen.data.test))}. The published results used"
        f" **{formatting.thousands(OFFICIAL_TRAIN)}** and {formatting.thousands(OFFICIAL_TEST)}. More training"
        " images alone make a network better, so a lower accuracy here does not mean a worse network."
        " For a fair comparison, choose all of Fashion-MNIST with its official split on the Data page."
    )


def _table(seen: EvaluatedRun) -> Styler:
    """The rows by their accuracy, this run's one marked."""
    rows: list[tuple[str, float, int | None, int, str]] = [
        (one.name, 100 * one.accuracy, OFFICIAL_TRAIN, OFFICIAL_TEST, one.preparation)
        for one in PUBLISHED
    ]
    rows.append(("People", 100 * HUMAN, None, HUMAN_IMAGES, "none"))
    this, data = f"This run, epoch {seen.epoch}", seen.data
    accuracy = 100 * seen.metrics.accuracy
    rows.append((this, accuracy, len(data.train), len(data.test), "none"))
    rows.sort(key=lambda row: row[1])
    names = ["What", "Accuracy", "Trained on", "Tested on", "Preparation of images"]
    table = pd.DataFrame(rows, columns=names)
    table["Trained on"] = table["Trained on"].astype("Int64")
    marked = f"background-color: {POSITIVE}33"
    return table.style.apply(
        lambda row: [marked if row["What"] == this else ""] * len(row), axis="columns"
    )
