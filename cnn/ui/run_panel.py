"""A run as it goes: how far it is, its curves, what is inside it, and what can be done with it."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.training.job import EPOCHS, LEARNING_RATE, Phase
from cnn.training.run import Run
from cnn.ui import charts, services, words
from cnn.ui.components.network_picture import Picture
from cnn.ui.components.network_view import network_view
from cnn.ui.page import INSPECT, chosen_run, errors_told
from cnn.ui.session import Session
from cnn.ui.train_form import ERROR, follow, learning_rate

_POLL = 0.6
_FIRST_POLL = 0.2
"""Seconds between two looks at a run: while it trains, and until its first point is there."""

_STATUS = {
    "queued": ("Waiting", "gray"),
    "starting": ("Starting", "blue"),
    "training": ("Training", "blue"),
    "paused": ("Paused", "orange"),
    "done": ("Done", "green"),
    "stopped": ("Stopped", "orange"),
    "diverged": ("Diverged", "red"),
    "failed": ("Failed", "red"),
    "interrupted": ("Interrupted", "orange"),
}


def run_panel(session: Session, below: DeltaGenerator) -> None:
    """The run that is looked at, alive while it trains; what is inside it is shown `below`."""
    if sentence := st.session_state.get(ERROR):
        st.error(sentence, icon=":material/error:")
    poll = _poll(chosen_run(session))
    st.fragment(_live_panel, run_every=poll)(session, poll, below)


def _poll(run: Run) -> float | None:
    if not run.live:
        return None
    return _FIRST_POLL if run.status in ("starting", "training") and not run.epochs else _POLL


def _live_panel(session: Session, poll: float | None, below: DeltaGenerator) -> None:
    run = services.engine().run(session.run or services.SHIPPED_RUN, session.token)
    with errors_told():  # a panel that runs by itself is not within the page's frame
        _status(session, run)
        _curves(session, run)
        _epochs(run)
        with below, st.container():  # a place to write to, even before there is anything to show
            _inside(session, run)
    if _poll(run) != poll:
        st.rerun()  # the whole page, for it decides how often this panel runs by itself


def _status(session: Session, run: Run) -> None:
    label, colour = _STATUS[run.status]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(label, color=colour)  # type: ignore[arg-type]
        st.markdown(words.network(run.job.network))
    if run.parent and run.parent.edits:
        st.caption(
            f"Begun with a network that was changed by hand after epoch {run.parent.epoch} of"
            " another run."
        )
    if run.live:
        left = _time_left(run)
        share = min(1.0, _progress(run) / run.planned_epochs)
        st.progress(share, f"Epoch {run.last_epoch} of {run.planned_epochs}{left}")
        _commands(session, run)
    if run.message:
        (st.error if run.status in ("diverged", "failed") else st.caption)(run.message)
    if place := services.engine().place(run.id):
        when = "as soon as a worker is ready"
        if place.seconds >= 1:
            when = f"in {words.seconds(place.seconds)}"
        st.info(
            f"Number {place.position} in the queue: it starts {when}.", icon=":material/hourglass:"
        )
    if not run.live:
        _after(session, run)


def _progress(run: Run) -> float:
    return run.points[-1].epoch if run.points else float(run.last_epoch)


def _time_left(run: Run) -> str:
    trained = [record.seconds for record in run.epochs if record.epoch > 0]
    if not trained:
        return ""
    pace = sum(trained[-5:]) / len(trained[-5:])
    return f", {words.seconds((run.planned_epochs - _progress(run)) * pace)} left"


def _commands(session: Session, run: Run) -> None:
    engine = services.engine()

    def button(label: str, icon: str, ask: Callable[[], Run]) -> None:
        st.button(
            label, icon=f":material/{icon}:", on_click=lambda: follow(session, ask), key=label
        )

    with st.container(horizontal=True):
        if run.status == "paused":
            button("Resume", "play_arrow", lambda: engine.resume(run.id))
        elif run.status == "training":
            button("Pause", "pause", lambda: engine.pause(run.id, session.token))
        button(
            "Stop and keep" if run.status != "queued" else "Withdraw",
            "stop",
            lambda: engine.stop(run.id, session.token),
        )


def _after(session: Session, run: Run) -> None:
    """What can be done with a run that has ended: look inside, train on."""
    last = run.epochs[-1] if run.epochs else None
    if last:
        images = len(services.chosen(run.job.data).test)
        st.markdown(
            f"**{words.accuracy(last.validation_accuracy, images)}** of {words.thousands(images)} "
            f"test images right after {last.epoch} epochs; in brackets the 95\u202f% interval."
        )
    if run.id == services.SHIPPED_RUN or not run.epochs:
        return
    data = services.chosen(run.job.data)
    engine = services.engine()
    unfinished = run.planned_epochs - run.last_epoch
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.page_link(INSPECT, label="Look inside", icon=":material/search:")
        if run.status in ("stopped", "interrupted", "failed") and unfinished > 0:
            st.button(
                f"Train the {unfinished} epochs that are left",
                icon=":material/resume:",
                on_click=lambda: follow(
                    session, lambda: engine.continue_run(run.id, data, session.token)
                ),
            )
        if run.status == "diverged":
            _gentler(session, run)
    if run.status != "diverged" and run.last_epoch < EPOCHS.high:
        with st.expander("Train on", icon=":material/forward:"):
            _train_on(session, run)


def _train_on(session: Session, run: Run) -> None:
    most = int(EPOCHS.high) - run.last_epoch
    more = int(st.number_input("More epochs", 1, most, min(10, most), key=f"more-{run.id}"))
    before = run.job.settings.learning_rate(max(1, run.last_epoch))
    rate = learning_rate("Learning rate from here", before, f"on-rate-{run.id}")
    data = services.chosen(run.job.data)

    def ask() -> Run:
        phase = Phase(more, rate)
        return services.engine().continue_run(run.id, data, session.token, phase)

    # Not a callback: that would run before a number typed just now is read.
    if st.button(f"Train {more} more", icon=":material/play_arrow:"):
        follow(session, ask)
        st.rerun()


def _gentler(session: Session, run: Run) -> None:
    rate = max(run.job.settings.learning_rate(run.last_epoch + 1) / 10, LEARNING_RATE.low)
    phases = (Phase(run.job.settings.epochs, rate),)
    settings = replace(run.job.settings, phases=phases)

    def ask() -> Run:
        session.settings = settings
        session.generation += 1
        data = services.chosen(run.job.data)
        return services.engine().submit(run.job.network, settings, data, session.token)

    st.button(
        f"Train again at {rate:g}", icon=":material/healing:", on_click=follow, args=(session, ask)
    )


def _curves(session: Session, run: Run) -> None:
    table = charts.history_table(run)
    if not len(table):
        st.info("The first point comes as soon as the network has been measured as it starts.")
        return
    marked = session.epoch
    for column, measure in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        with column:
            last = table[table["kind"] == "epoch"].groupby("set")[measure].last()
            told = ", ".join(f"{name} {value:.3f}" for name, value in last.items())
            st.altair_chart(
                charts.history(table, measure, run.planned_epochs, marked),
                key=f"history-{measure}",
                alt=f"{measure.capitalize()} over {run.last_epoch} epochs; at the end {told}",
            )

    st.caption(
        "Training values are means while learning (thin line: within the epoch); validation is "
        "measured on the test images after each epoch. Epoch 0 is the network before it learns."
    )


def _inside(session: Session, run: Run) -> None:
    """Kernels, maps and softmax of one test image as they were after the last kept epoch."""
    if not run.kept:
        return
    data = services.chosen(run.job.data)
    number = services.image_number(session.image, data)
    label = int(data.labels[number])
    epoch = run.kept[-1]
    unrolled = services.run_plan(run)
    st.markdown(
        f"**Inside after epoch {epoch}**, for image {number} ({data.classes[label]}), redrawn after "
        "every epoch."
    )
    picture = Picture(
        unrolled,
        services.weights(run.id, epoch),
        data.dataset.images[number],
        data.classes,
        label,
    )
    network_view(picture, key="inside")


def _epochs(run: Run) -> None:
    if not run.epochs:
        return
    rows = [
        {
            "epoch": record.epoch,
            "training loss": record.loss,
            "training accuracy": record.accuracy,
            "validation loss": record.validation_loss,
            "validation accuracy": record.validation_accuracy,
            "learning rate": f"{record.learning_rate:g}",
            "seconds": record.seconds,
        }
        for record in run.epochs
    ]
    percent = st.column_config.NumberColumn(format="percent")
    four = st.column_config.NumberColumn(format="%.4f")
    with st.expander("Every epoch in numbers"):
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            alt=f"{len(rows)} epochs with loss and accuracy",
            column_config={
                "training loss": four,
                "validation loss": four,
                "training accuracy": percent,
                "validation accuracy": percent,
                "seconds": st.column_config.NumberColumn(format="%.2f"),
            },
        )
