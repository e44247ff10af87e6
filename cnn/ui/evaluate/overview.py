"""What is taken for what: the confusion matrix, the cell that is chosen, and the classes one by one."""

import numpy as np
import streamlit as st

from cnn.ui.components.confusion_matrix import confusion_matrix
from cnn.ui.evaluate.class_table import class_table
from cnn.ui.evaluate.confusion_pair import evidence, images
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.state.session import Session


def overview(session: Session, seen: EvaluatedRun) -> None:
    """The confusion matrix with the images behind a cell beside it, and a table of the classes."""
    left, right = st.columns([5, 4], gap="large")
    with left:
        chosen = _matrix(seen)
    with right:
        evidence(session, seen, *chosen)
    images(session, seen, *chosen)
    st.subheader("Class by class", anchor=False)
    class_table(seen)


def _matrix(seen: EvaluatedRun) -> tuple[int, int]:
    """The matrix; returns the cell that is chosen: the most frequent mistake, until one is."""
    # The same cell for every run with these classes, so that runs can be set beside each other.
    place = f"evaluate-cell-{'-'.join(seen.data.classes)}"
    chosen: tuple[int, int] = st.session_state.get(place) or _most_frequent(seen)

    def choose(row: int, column: int) -> None:
        st.session_state[place] = (row, column)

    st.subheader("What is taken for what", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = st.segmented_control(
            "In a cell",
            ["Images", "Percent of the class"],
            default="Images",
            required=True,
            key="evaluate-cells",
            persist_state="session",
            label_visibility="collapsed",
            width="content",
        )
        st.caption("Choose a cell to see its images.", width="content")
    confusion_matrix(
        seen.metrics.confusion,
        seen.data.classes,
        kind != "Images",
        chosen,
        choose,
        key="evaluate-matrix",
    )
    return chosen


def _most_frequent(seen: EvaluatedRun) -> tuple[int, int]:
    """The mistake made most often; where there is none, the first class answered rightly."""
    wrong = seen.metrics.confusion * ~np.eye(len(seen.data.classes), dtype=np.bool_)
    row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return int(row), int(column)
