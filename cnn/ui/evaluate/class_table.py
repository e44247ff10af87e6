"""Precision, recall and F1 of each class."""

import pandas as pd
import streamlit as st

from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.evaluate.evaluated_run import EvaluatedRun

_FEW = 30
"""Test images of a class below which its own numbers say little."""


def class_table(seen: EvaluatedRun) -> None:
    """A row a class, and in words what the table cannot tell."""
    scores = seen.metrics.classes
    table = pd.DataFrame(
        {
            "Class": seen.data.classes,
            "Precision": 100 * scores.precision,
            "Recall": 100 * scores.recall,
            "F1": 100 * scores.f1,
            "Test images": scores.support,
        }
    )
    share = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        placeholder="–",
        column_config={
            "Precision": share(format="%.1f %%", help="Of the images answered so, how many are."),
            "Recall": share(
                format="%.1f %%", help="Of the images of this class, how many are found."
            ),
            "F1": share(format="%.1f %%", help="The harmonic mean of precision and recall."),
            "Test images": share(help="Also called support."),
        },
    )
    st.caption(
        "**Precision**: of the images answered so, the share that is. **Recall**: of the images of"
        " this class, the share answered so. **F1**: their harmonic mean."
    )
    for sentence in notes(seen):
        st.caption(sentence)


def notes(seen: EvaluatedRun) -> list[str]:
    """Sentences, in Markdown, on classes that are never answered, or have few images."""
    scores, classes = seen.metrics.classes, list(map(formatting.escaped, seen.data.classes))
    told = []
    answers = seen.metrics.confusion.sum(axis=0)
    never = [name for name, count in zip(classes, answers, strict=True) if not count]
    if never:
        told.append(
            f"Never answered: {', '.join(never)}. Precision would divide by zero; it is left out."
        )
    for name, count, recall in zip(classes, scores.support, scores.recall, strict=True):
        if 0 < count < _FEW:
            low, high = wilson(float(recall), int(count))
            told.append(
                f"{name} has only {count} test images: the 95\u202f% interval of its recall goes from"
                f" {formatting.percent(low, 0)} to {formatting.percent(high, 0)}."
            )
    return told
