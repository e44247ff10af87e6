"""A run as it goes, wherever it is shown: redrawn while it trains, how far it is, its curves."""

from collections.abc import Callable
from functools import partial
from statistics import fmean
from typing import Any

import streamlit as st

from cnn.data.dataset import DataError
from cnn.evaluation.chance_level import ChanceLevel, chance_level
from cnn.network.spec import NetworkError
from cnn.training.job import JobError
from cnn.training.run import Run, RunError
from cnn.training.scheduling.queue import QueuePosition, Standing
from cnn.training.trial import Trial
from cnn.ui.common import charts, formatting
from cnn.ui.common.epoch_marks import Marks, marks_of
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.notices import show_error
from cnn.ui.common.page import errors_shown
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import polled
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)

_POLL = 0.6
_FIRST_POLL = 0.2
"""Seconds between two looks at a run: while it trains, and until its first point is there."""

_REFUSAL = "training-refused"

_RATES = [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]

_COLORS = {
    "queued": "gray",
    "starting": "blue",
    "training": "blue",
    "paused": "orange",
    "done": "green",
    "stopped": "orange",
    "diverged": "red",
    "failed": "red",
    "interrupted": "orange",
}


def alive(session: Session, which: Callable[[], str], show: Callable[[Run], None]) -> None:
    """Call `show` with the run as it is now, again and again while it trains.

    `which` gives its id each time: what is asked of a run may lead to another one. Above it stands
    why the engine refused the last request, if it did.
    """
    refusal(session)
    poll = _poll(services.engine().run(which()))

    def look() -> None:
        with errors_shown():  # a panel that runs by itself is not within the page's frame
            services.engine().present(session.person)
            run = services.engine().run(which())
            show(run)
            if _poll(run) != poll:
                st.rerun()  # the whole page, for it decides how often this panel runs by itself

    polled(look, poll)


def _poll(run: Run) -> float | None:
    if not run.live:
        return None
    return _FIRST_POLL if run.status in ("starting", "training") and not run.epochs else _POLL


def badge(run: Run) -> None:
    """The run's status in one or two words; amber where it ended no better than guessing."""
    label, color = formatting.status(run), _COLORS[run.status]
    if at_chance(run):
        label, color = "No better than guessing", "orange"
    st.badge(label, color=color)  # type: ignore[arg-type]


def at_chance(run: Run) -> ChanceLevel | None:
    """What to say of a run that ended no better than guessing; None for every other run."""
    if run.status not in ("done", "stopped"):
        return None
    try:
        data = services.chosen(run.job.data)
    except DataError:  # its images are not here any more
        return None
    return chance_level(run, data.labels[data.test])


def status(session: Session, run: Run) -> None:
    """What the run is doing, and what can be asked of it while it is live."""
    standing = services.engine().standing(run.id, session.person)
    with st.container(horizontal=True, vertical_alignment="center"):
        badge(run)
        if run.live:
            epoch = f"Epoch {run.last_epoch} of {run.planned_epochs}{_time_left(run)}"
            st.progress(run.progress, epoch)
            _commands(session, run, standing)
        else:
            _accuracy(run)
    if run.live:
        _whose(run, standing)
    if run.parent and run.parent.edits:
        _TEXT.caption("edited", epoch=run.parent.epoch)
    if run.message and run.message != "Paused":  # of which the badge says all
        if run.status in ("diverged", "failed"):
            show_error(run.message)
        else:
            st.caption(formatting.escaped(run.message))
    if position := services.engine().position(run.id):
        st.info(_waiting(position, standing), icon=":material/hourglass:")


def _waiting(position: QueuePosition, standing: Standing) -> str:
    """Why a run waits, and for how long."""
    if position.after_own:
        return _TEXT.text_from("queued/own" if standing.follower else "queued/theirs")
    before = position.training + position.position - 1
    if position.seconds < 1:
        return _TEXT.text("queued/next")
    runs = "1 run is" if before == 1 else f"{before} runs are"
    return _TEXT.text("queued", runs=runs, when=formatting.seconds(position.seconds))


def _time_left(run: Run) -> str:
    lately = [record.seconds for record in run.epochs if record.epoch > 0][-5:]
    if not lately or run.status != "training":
        return ""
    left = run.planned_epochs * (1 - run.progress) * fmean(lately)
    return f", {formatting.seconds(left)} left"


def _commands(session: Session, run: Run, standing: Standing) -> None:
    if not standing.follower:
        return
    engine = services.engine()

    def button(label: str, icon: str, ask: Callable[[str, str], Run], why_not: str = "") -> None:
        follows = partial(follow, session, lambda: ask(run.id, session.person))
        icon, off = f":material/{icon}:", bool(why_not)
        st.button(label, label, icon=icon, on_click=follows, disabled=off, help=why_not or None)

    if standing.owner and run.status == "paused":
        button("Resume", "play_arrow", engine.resume)
    elif standing.owner and run.status == "training":
        watched = _TEXT.text("watched") if standing.watched else ""
        button("Pause", "pause", engine.pause, watched)
    if standing.others:
        button("Stop following (keeps results)", "stop", engine.stop)
    elif run.epochs or run.status != "queued":
        button("Stop (keeps results)", "stop", engine.stop)
    else:
        button("Withdraw", "stop", engine.stop)


def _whose(run: Run, standing: Standing) -> None:
    """Who else has to do with a run."""
    if not standing.follower:
        _TEXT.caption("not yours" if run.owner else "of an experiment")
    elif standing.others == 1:
        _TEXT.caption("shared", others="1 other person follows")
    elif standing.others:
        _TEXT.caption("shared", others=f"{standing.others} others follow")


def _accuracy(run: Run) -> None:
    """The test accuracy at the end of a run, with its interval; nothing before the first epoch."""
    if not run.epochs:
        return
    last = run.epochs[-1]
    images = len(services.chosen(run.job.data).test)
    share = formatting.accuracy(last.validation_accuracy, images)
    epochs = formatting.counted(last.epoch, "epoch")
    _TEXT.show("accuracy", share=share, images=images, epochs=epochs)


def curves(run: Run, marked: int | None = None) -> None:
    """Loss and accuracy over the epochs; `marked` is an epoch to point out."""
    if not run.points and not run.epochs:
        st.info(_TEXT.text("no point"))
        return
    loss_and_accuracy(run, run.planned_epochs, marked, 312, marks_of(run, "chart"))


def about_curves() -> None:
    _TEXT.caption("curves")


def loss_and_accuracy(
    run: Run | Trial, planned_epochs: int, marked: int | None, height: int = 260, marks: Marks = ()
) -> None:
    """Two charts side by side, over all the epochs that are planned; see `charts.history`."""
    table = charts.history_table(run)
    columns = responsive_columns(1, 1, narrowest=260, gap="small")
    for column, measure in zip(columns, ("loss", "accuracy"), strict=True):
        last = table[table["kind"] == "epoch"].groupby("set")[measure].last()
        values = ", ".join(f"{name} {value:.3f}" for name, value in last.items())
        epochs = formatting.counted(max(0, len(run.epochs) - 1), "epoch")
        over = f"{measure.capitalize()} over {epochs}"
        column.altair_chart(
            charts.history(table, measure, planned_epochs, marked, height=height, marks=marks),
            key=f"history-{measure}",
            alt="; ".join([over, f"at the end {values}", *(label for _, label in marks)]),
        )


def follow(session: Session, ask: Callable[[], Run]) -> None:
    """Ask the engine for a run and view it; if it refuses, `refusal` says why."""
    st.session_state.pop(_REFUSAL, None)
    try:
        run = ask().id
    except (RunError, NetworkError, JobError, DataError) as error:
        st.session_state[_REFUSAL] = str(error), session.url()
        return
    if run != session.viewed.run_id:  # of this very run, the epoch and the edits stay chosen
        session.choose_run(run)


def refusal(session: Session) -> bool:
    """Show why the engine refused the last request, until something else is chosen; False if it did not."""
    sentence, chosen = st.session_state.get(_REFUSAL, ("", None))
    if not sentence or chosen != session.url():
        return False
    show_error(sentence)
    return True


def learning_rate(label: str, value: float, **about: Any) -> float:
    """A slider over learning rates, each about three times the one before.

    `about` is its key, and what else a slider can have.
    """
    rates = sorted({*_RATES, value})
    return st.select_slider(label, rates, value, format_func="{:g}".format, **about)
