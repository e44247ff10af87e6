"""How an experiment goes on: what is done, in training and waiting, the time left; cancel and resume."""

import streamlit as st

from cnn.training.experiments.runner import Standing
from cnn.training.experiments.store import owner
from cnn.ui.common import formatting
from cnn.ui.common.page import errors_told
from cnn.ui.common.waiting import polled
from cnn.ui.experiments.form import BEGINNING
from cnn.ui.state import services
from cnn.ui.state.session import Session

_POLL = 1.0


def progress(session: Session, standing: Standing) -> None:
    """The line of an experiment that is not over; it looks by itself, and has the page drawn anew
    when a run has ended.
    """
    if standing.complete and not standing.lane.busy:
        return
    poll = _POLL if standing.lane.busy else None
    polled(_look, poll, session, standing.record.id, _state(standing))


def _look(session: Session, experiment_id: str, drawn: tuple[int, bool]) -> None:
    with errors_told():
        standing = services.experimenter().standing(experiment_id)
        if _state(standing) != drawn:
            st.rerun()
        _show(session, standing)


def _state(standing: Standing) -> tuple[int, bool]:
    """What the rest of the page shows."""
    return len(standing.record.results), standing.lane.busy


def _show(session: Session, standing: Standing) -> None:
    total, missing = len(standing.planned), len(standing.missing)
    training = len(standing.lane.training)
    mine = standing.record.owner == owner(session.token)
    if standing.lane.busy:
        # Runs of one job count in several experiments: what waits here may be trained elsewhere.
        share = 1 - (missing - sum(_parts(standing))) / total
        st.progress(
            max(0.0, min(1.0, share)),
            f"{total - missing} of {total} runs done, {training} in training,"
            f" {missing - training} waiting{_time_left(standing)}",
        )
        if mine:
            # A callback: it is heard even when the page is just being drawn anew.
            st.button(
                "Cancel",
                icon=":material/stop:",
                key="cancel-experiment",
                on_click=services.experimenter().cancel,
                args=(standing.record.id,),
            )
    else:
        several = f"{missing} runs are" if missing > 1 else "1 run is"
        st.progress((total - missing) / total, f"{total - missing} of {total} runs done")
        st.warning(
            f"Not finished: {several} missing. The experiment was cancelled, the server was"
            " restarted, or a run failed; what is done is kept.",
            icon=":material/pause_circle:",
        )
        if mine and st.button("Resume", icon=":material/resume:", key="resume-experiment"):
            services.experimenter().start(standing.record.id)
            st.rerun()  # it is the page that looks again by itself
    if not mine:
        st.caption("It was started in another browser, where it can be cancelled and resumed.")


def _parts(standing: Standing) -> list[float]:
    """How much of each run in training is done, from 0 to 1."""
    return [
        (run.points[-1].epoch if run.points else run.last_epoch) / run.planned_epochs
        for run in standing.lane.training
    ]


def _time_left(standing: Standing) -> str:
    pace = services.engine().pace
    if pace is None or not standing.missing:
        return ""
    seconds = sum(one.seconds * pace + BEGINNING for one in standing.missing)
    seconds *= 1 - min(1.0, sum(_parts(standing)) / len(standing.missing))
    return f"; {formatting.seconds(seconds / min(services.workers(), len(standing.missing)))} left"
