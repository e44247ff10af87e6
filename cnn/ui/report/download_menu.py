"""The menu in which a run's report and its numbers are downloaded."""

from collections.abc import Callable
from mimetypes import guess_type

import numpy as np
import pandas as pd
import streamlit as st

from cnn.arrays import Numbers
from cnn.data.split import ChosenData
from cnn.evaluation.predictions import Predictions, of_test_images
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.page import run_name
from cnn.ui.report.run_report import run_report
from cnn.ui.state import services
from cnn.ui.state.session import Session


def offer_run(session: Session, run: Run, epoch: int) -> None:
    """The report of a run, its predictions those after `epoch`, and its numbers."""
    number = services.image_number(session.viewed.image, services.chosen(run.job.data))
    name = run_name(session, run.id)
    with st.popover("Report", icon=":material/description:"):
        st.markdown(
            f"**{formatting.escaped(name)}** after epoch {epoch} in one file that opens offline, without this app:"
            f" settings, curves, confusion matrix, and the network at work on image {number}."
        )
        key = f"{run.id}-{epoch}"
        download("Report (HTML)", lambda: run_report(run, name, epoch, number), "report.html", key)
        download("Epochs (CSV)", lambda: epochs_csv(run), "epochs.csv", key)
        download("Answers (CSV)", lambda: answers_csv(run, epoch), "answers.csv", key)


def download(label: str, content: Callable[[], bytes | str], name: str, key: str) -> None:
    """A button for a file that is made when it is clicked."""
    mime, icon, key = guess_type(name)[0], ":material/download:", f"{name}-{key}"
    st.download_button(
        label, content, name, mime, key, on_click="ignore", icon=icon, width="stretch"
    )


_INJECTION = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a text for a formula."""


def epochs_csv(run: Run) -> str:
    """A row per epoch."""
    table = pd.DataFrame(run.epochs).drop(columns="gradients", errors="ignore")
    return table.to_csv(index=False)


def answers_csv(run: Run, epoch: int) -> str:
    """A row per test image: its number in the data set, its class, the prediction, all probabilities.

    Where the probabilities are not finite, they and the prediction are empty.
    """
    data, shares = services.chosen(run.job.data), services.answers_now(run, epoch)
    table = answer_table(data, {"answer": predicted(of_test_images(shares, data))})
    table[[f"probability of {name}" for name in data.classes]] = shares
    return table.to_csv(index=False)


def predicted(predictions: Predictions) -> Numbers:
    """The predicted classes (n,) by their number, -1 where the probabilities are not finite."""
    return np.where(predictions.finite, predictions.predicted, -1)


def answer_table(data: ChosenData, classes: dict[str, Numbers]) -> pd.DataFrame:
    """A row per test image: its number, its class, and the class in each column of `classes`."""
    table = pd.DataFrame({"image": data.test, "class": data.labels[data.test]} | classes)
    named = ["class", *classes]
    table[named] = table[named].map([*map(plain_text, data.classes), ""].__getitem__)
    return table


def plain_text(name: str) -> str:
    """A name that somebody typed, so that no spreadsheet takes it for a formula."""
    return f"'{name}" if name.startswith(_INJECTION) else name
