"""Where a report can be had: a button that opens, and the files behind it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.compare.report import comparison_report
from cnn.ui.compare.selection import Compared, name_of
from cnn.ui.report import spreadsheets
from cnn.ui.report.run_report import run_report
from cnn.ui.state import services
from cnn.ui.state.session import Session

_HTML, _CSV = "text/html", "text/csv"


def offer_run(session: Session, run: Run, epoch: int) -> None:
    """The report of a run, its answers those after `epoch`, and its numbers."""
    number = services.image_number(session.image, services.chosen(run.job.data))
    name = name_of(session, run.id)
    with st.popover("Report", icon=":material/description:"):
        st.markdown(
            f"**{formatting.escaped(name)}** after epoch {epoch} in one file that opens offline, without this app:"
            f" settings, curves, confusion matrix, and the network at work on image {number}."
        )
        key = f"{run.id}-{epoch}"
        _file("Report (HTML)", lambda: run_report(run, name, epoch, number), "report.html", key)
        _file("Epochs (CSV)", lambda: spreadsheets.epochs(run), "epochs.csv", key)
        _file("Answers (CSV)", lambda: spreadsheets.answers(run, epoch), "answers.csv", key)


def offer_comparison(session: Session, runs: Sequence[Compared], comparable: bool) -> None:
    """The report of a comparison, and its numbers; `comparable` runs are tested on the same images."""
    number = services.image_number(session.image, services.chosen(runs[0].run.job.data))
    with st.popover("Report", icon=":material/description:"):
        st.markdown(
            f"**These {len(runs)} runs** in one file that opens offline, without this app:"
            " differences, curves, decisions, and the same image through each."
        )
        key = "-".join(one.run.id for one in runs)
        _file(
            "Report (HTML)",
            lambda: comparison_report(as_they_are(runs), number),
            "comparison.html",
            key,
        )
        _file("Runs (CSV)", lambda: spreadsheets.outcomes(as_they_are(runs)), "runs.csv", key)
        if comparable and all(one.run.kept for one in runs):
            _file(
                "Answers (CSV)",
                lambda: spreadsheets.decisions(as_they_are(runs)),
                "answers.csv",
                key,
            )


def as_they_are(runs: Sequence[Compared]) -> list[Compared]:
    """The runs by the time of a click: a live one has gone on since its page was drawn.

    Raises RunError for one that is no longer here.
    """
    return [replace(one, run=services.engine().run(one.run.id)) for one in runs]


def _file(label: str, content: Callable[[], bytes | str], name: str, key: str) -> None:
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
