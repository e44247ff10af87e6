"""The Train page: the settings of the next training, and the current run: how it goes and what to do."""

from dataclasses import replace

import streamlit as st

from cnn.evaluation.chance_level import ChanceLevel
from cnn.network.spec import Range
from cnn.training import job
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Run
from cnn.training.scheduling.limits import MOST_WAITING
from cnn.ui.common import formatting, live_run
from cnn.ui.common.charts import EPOCH_COLUMNS, epoch_table
from cnn.ui.common.epoch_marks import marks_of
from cnn.ui.common.form import Form
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.live_run import follow, learning_rate
from cnn.ui.common.page import BUILD, COMPARE, EVALUATE, INSPECT
from cnn.ui.common.prose import read_sections
from cnn.ui.common.workshop_frame import show_not_allowed
from cnn.ui.components.network_message import Picture
from cnn.ui.components.network_view import network_view
from cnn.ui.experiments.form import train_with_seeds
from cnn.ui.inspect.distortions import changed
from cnn.ui.inspect.image_choice import original
from cnn.ui.report.download_menu import offer_run
from cnn.ui.state import requests, services, workshop
from cnn.ui.state.session import Session
from cnn.workshop.rules import Part

_TEXT = read_sections(__file__)
_NARROWEST_CHART = 260
_PARTS: dict[str, Part] = {
    "Epochs": "epochs",
    "Batch size": "optimizer",
    "Optimizer": "optimizer",
    "Momentum": "optimizer",
    "Learning rate": "rate",
    "Seed": "seed",
    "Stop early": "epochs",
    "Epochs without a smaller validation loss": "epochs",
}
"""What of the rules of a workshop each control is about."""


def next_training(session: Session) -> None:
    """The network and the settings of the next training, and the button that starts it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        network = session.network
        name = f"Network to train: **{formatting.network_name(network)}**"
        st.markdown(name, help=formatting.network(network), width="content")
        st.page_link(BUILD, label="Change the network", icon=":material/construction:")
    show_not_allowed(session)
    engine = services.engine()
    engine.expect()
    waiting = engine.waiting(session.person)
    full = waiting.others >= MOST_WAITING
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _settings_form(session)
        _train_button(session, full)
    if full:
        _TEXT.caption("most waiting", most=MOST_WAITING)
    elif waiting.replaceable:
        _TEXT.caption("replaces")


def _settings_form(session: Session) -> None:
    """The settings of the next training; `session.settings` is what it shows and changes."""
    settings, form = session.settings, Form("next", _TEXT, workshop.locked(session, _PARTS))
    most = max(settings.epochs, workshop.most_epochs(session))
    epochs = form.number("Epochs", settings.epochs, Range(job.EPOCHS.low, most))
    batch = form.number("Batch size", settings.batch_size, job.BATCH_SIZE, step=8)
    optimizer = form.one_of("Optimizer", formatting.OPTIMIZER_NAMES, settings.optimizer)
    present = settings.learning_rate(1)
    rate = learning_rate("Learning rate", present, **form.about("Learning rate", present))
    momentum = 0.0
    if optimizer == "sgd":
        before = settings.momentum if settings.optimizer == "sgd" else 0.9
        momentum = form.slider("Momentum", before, job.MOMENTUM, 0.01)
    seed = form.number("Seed", settings.seed, job.SEED)
    patience = None
    if form.toggle("Stop early", settings.patience is not None):
        label = "Epochs without a smaller validation loss"
        patience = form.slider(label, settings.patience or 3, job.PATIENCE)
    session.settings = Settings((Phase(epochs, rate),), batch, optimizer, momentum, seed, patience)


def _train_button(session: Session, full: bool) -> None:
    """The one button of the app that starts work. Called after the form, whose values it needs."""
    # Not a callback: that would run before a setting typed just now is read.
    if st.button("Train", type="primary", icon=":material/play_arrow:", disabled=full):
        _train(session, Job(session.network, session.data, session.settings))
        st.rerun()


def _train(session: Session, wanted: Job) -> None:
    follow(session, lambda: requests.train(session, wanted))


def run_panel(session: Session) -> None:
    """The current run, redrawn while it trains: its curves, and the network itself."""

    def show(run: Run) -> None:
        live_run.status(session, run)
        if not run.live:
            _ways_on(session, run)
        charts, network = responsive_columns(1, 2, narrowest=_NARROWEST_CHART)
        with charts:
            live_run.curves(run, session.viewed.epoch)
            _inspect_marks(session, run)
        with network:
            _inside(session, run)
        live_run.about_curves()
        if not run.live:
            _train_on_panel(session, run)
        _epochs(run)

    live_run.alive(session, lambda: session.viewed.run_id, show)


def _ways_on(session: Session, run: Run) -> None:
    """What can be done with a run that has ended, and what to try where it only guesses."""
    if found := live_run.at_chance(run):
        _at_chance(session, run, found)
    if not run.epochs:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.id != services.EXAMPLE_RUN:
            st.page_link(INSPECT, label="Look inside", icon=":material/search:")
            st.page_link(COMPARE, label="Compare", icon=":material/compare_arrows:")
        train_with_seeds(session, run)
        if run.kept:
            offer_run(session, run, run.kept[-1])
        unfinished = run.planned_epochs - run.last_epoch
        if run.status in ("stopped", "interrupted", "failed") and unfinished > 0:
            rest = f"{unfinished} epochs" if unfinished > 1 else "epoch"
            label = f"Train the last {rest}"
            own = run.owner in ("", session.person)
            about = None if own else _TEXT.text("of someone else")
            ask, args = _continue, (session, run)
            st.button(label, icon=":material/resume:", on_click=ask, args=args, help=about)
        if run.status == "diverged":
            rate = run.job.settings.learning_rate(run.last_epoch + 1) / 10
            _again_at(session, run, max(rate, job.LEARNING_RATE.low))


def _inspect_marks(session: Session, run: Run) -> None:
    """The epochs that the charts mark, to be looked into, where their weights were kept."""
    with st.container(horizontal=True):
        for epoch, label in marks_of(run, "button"):
            if epoch in run.kept and st.button(label, icon=":material/search:"):
                session.viewed.epoch = epoch
                st.switch_page(INSPECT)


def _train_on_panel(session: Session, run: Run) -> None:
    """Training on from where a run has ended."""
    if run.id == services.EXAMPLE_RUN:
        _TEXT.caption("example run")
    elif run.epochs and run.status != "diverged" and run.last_epoch < job.EPOCHS.high:
        with st.expander("Train on", icon=":material/forward:"):
            _train_on(session, run)


def _continue(session: Session, run: Run, phase: Phase | None = None) -> None:
    follow(session, lambda: requests.train_on(session, run, phase))


def _train_on(session: Session, run: Run) -> None:
    if run.owner and run.owner != session.person:
        _TEXT.caption("of someone else")
    most = int(job.EPOCHS.high) - run.last_epoch
    more = int(st.number_input("More epochs", 1, most, min(10, most), key=f"more-{run.id}"))
    before = run.job.settings.learning_rate(max(1, run.last_epoch))
    rate = learning_rate("Learning rate from here", before, key=f"on-rate-{run.id}")
    # Not a callback: that would run before a number typed just now is read.
    if st.button(f"Train {more} more", icon=":material/play_arrow:"):
        _continue(session, run, Phase(more, rate))
        st.rerun()


def _at_chance(session: Session, run: Run, found: ChanceLevel) -> None:
    """Why the run is probably no better than guessing, and the training to try instead."""
    section = "at chance/rate" if found.too else "at chance"
    sentence = _TEXT.text_from(section, guessing=found.guessing, too=found.too)
    st.warning(sentence, icon=":material/warning:")
    if found.rate is None:
        st.page_link(EVALUATE, label="See what may be wrong", icon=":material/fact_check:")
    else:
        _again_at(session, run, found.rate)


def _again_at(session: Session, run: Run, rate: float) -> None:
    """A button that trains the same network again at another learning rate."""
    before = run.job.settings

    def train() -> None:
        session.settings = replace(before, phases=(Phase(before.epochs, rate),))
        _train(session, replace(run.job, settings=session.settings))

    st.button(f"Train again at {rate:g}", icon=":material/healing:", on_click=train)


def _inside(session: Session, run: Run) -> None:
    """The network at work on the current image as it was after the last kept epoch."""
    if not run.kept:
        return
    data = services.chosen(run.job.data)
    subject = changed(original(session, data), session.source.distortion)
    epoch = run.kept[-1]
    plan, weights = services.run_plan(run), services.weights(run.id, epoch)
    _TEXT.show("inside", epoch=epoch, name=formatting.escaped(subject.name))
    shown = Picture(plan, weights, subject.pixels, data.classes, subject.label, small=True)
    network_view(shown, key="inside")


def _epochs(run: Run) -> None:
    if not run.epochs:
        return
    with st.expander("Every epoch in numbers"):
        st.dataframe(
            epoch_table(run).style.format({**EPOCH_COLUMNS}),
            hide_index=True,
            alt=f"{formatting.counted(len(run.epochs), 'epoch')} with loss and accuracy",
        )
