"""The menu in which a run's report and its numbers are downloaded."""

from collections.abc import Callable

import streamlit as st

from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.page import run_name
from cnn.ui.report import spreadsheets
from cnn.ui.report.run_report import run_report
from cnn.ui.state import services
from cnn.ui.state.session import Session

_HTML, _CSV = "text/html", "text/csv"


def offer_run(session: Session, run: Run, epoch: int) -> None:
    """The report of a run, its answers those after `epoch`, and its numbers."""
    number = services.image_number(session.viewed.image, services.chosen(run.job.data))
    name = run_name(session, run.id)
    with st.popover("Report", icon=":material/description:"):
        st.markdown(
            f"**{formatting.escaped(name)}** after epoch {epoch} in one file that opens offline, without this app:"
            f" settings, curves, confusion matrix, and the network at work on image {number}."
        )
        key = f"{run.id}-{epoch}"
        download("Report (HTML)", lambda: run_report(run, name, epoch, number), "report.html", key)
        download("Epochs (CSV)", lambda: spreadsheets.epochs(run), "epochs.csv", key)
        download("Answers (CSV)", lambda: spreadsheets.answers(run, epoch), "answers.csv", key)


def download(label: str, content: Callable[[], bytes | str], name: str, key: str) -> None:
    """A button for a file that is made when it is clicked."""
    st.download_button(
        label,
        data=content,
        file_name=name,
        mime=_HTML if name.endswith("html") else _CSV,
        icon=":material/download:",
        on_click="ignore",
        key=f"{name}-{key}",
        width="stretch",
    )
