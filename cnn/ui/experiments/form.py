"""Which experiment is open, and setting up a new one: what is varied, with how many seeds."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from cnn.training.experiments.experiment import (
    MOST_FACTORS,
    MOST_RUNS,
    MOST_SEEDS,
    Experiment,
    Impossible,
    Planned,
    expand,
    with_seeds,
)
from cnn.training.experiments.factors import (
    BLOCK_SETTINGS,
    ExperimentError,
    Factor,
    Setting,
    missing_settings,
)
from cnn.training.experiments.store import LONGEST_TITLE, Record
from cnn.training.job import EPOCHS, Job
from cnn.training.run import Run
from cnn.ui.common import choices, formatting
from cnn.ui.common.glossary import definition
from cnn.ui.common.page import EXPERIMENTS, chosen_run, errors_shown
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import wait_for_speed
from cnn.ui.experiments import naming
from cnn.ui.state import requests, services, url
from cnn.ui.state.browser_echo import UrlEcho, widget
from cnn.ui.state.session import Session

NEW = "new"
"""What stands for the experiment that is being set up."""

SEEDS = 5
"""How many seeds an experiment has unless others are asked for."""

_TEXT = read_sections(__file__)
_OPEN = "open-experiment"
_BASE = "experiment-base"
_BASES = ("The network to train", "The current run")


def open_experiment(name: str) -> None:
    """Have the Experiments page show this one."""
    st.session_state[_OPEN] = name
    _echo().write(name)
    url.to_browser(experiment=name)


def _echo() -> UrlEcho:
    echo: UrlEcho = st.session_state.setdefault("experiment-echo", UrlEcho())
    return echo


def _open_id() -> str:
    """The id of the open one, from the URL or as it was left; an example at first."""
    named = url.from_browser()[0].experiment
    if named and _echo().is_opened(named):
        st.session_state[_OPEN] = named
    name: str = st.session_state.get(_OPEN) or services.experiments().examples()[0].id
    open_experiment(name)
    return name


def choice(session: Session) -> str:
    """The select box of experiments and the button for a new one; returns the id of the open one."""
    now = _open_id()
    records = [*services.experiments().of(session.token), *services.experiments().examples()]
    if now != NEW and now not in [record.id for record in records]:
        try:  # it may be of somebody else
            records.append(services.experiments().record(now))
        except ExperimentError as error:
            st.warning(_TEXT.text("unknown", error=error), icon=":material/link_off:")
            now = records[-1].id
            open_experiment(now)
    titles = {NEW: "A new experiment"} | _titles(records)
    names, box = list(titles), widget("experiment", (now, tuple(titles.values())))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title, change = titles.__getitem__, box.then(open_experiment)
        st.selectbox("Experiment", names, names.index(now), title, box.key, on_change=change)
        if now != NEW and st.button("New experiment", type="primary", icon=":material/add:"):
            open_experiment(NEW)
            st.rerun()
    return now


def _titles(records: Sequence[Record]) -> dict[str, str]:
    """What each is called: a later one of the same title gets a number.

    The browser knows an option by its label, so that no label may be there twice.
    """
    titles: dict[str, str] = {}
    for record in sorted(records, key=lambda option: option.created):
        title = numbered = record.title if record.owner else f"Example: {record.title}"
        number = 1
        while numbered in titles.values():
            number += 1
            numbered = f"{title} ({number})"
        titles[record.id] = numbered
    return {record.id: titles[record.id] for record in records}


def form(session: Session) -> None:
    """Everything that is asked, what it comes to, and the button that starts it."""
    base, about = _base(session), st.container()
    factors = _factors(base)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key, help = "experiment-seeds", _TEXT.text("seeds", definition=definition("seed"))
        count = st.number_input(
            "Seeds", 1, MOST_SEEDS, SEEDS, key=key, help=help, persist_state="session", width=120
        )
        base = _with_epochs(base, factors)
        title = naming.title(factors, count)
        name = st.text_input("Name", placeholder=title, max_chars=LONGEST_TITLE)
    about.caption(naming.base(base, services.chosen(base.data)))
    experiment = with_seeds(base, factors, count)
    planned, impossible = expand(experiment, services.chosen)
    left_out(experiment, impossible)
    if not planned:
        return
    runs = formatting.counted(len(planned), "run")
    combinations = len(planned) // count
    made = "" if combinations == 1 else f": {combinations} combinations, each with {count} seeds"
    st.markdown(f"**{runs}**{made}. {_time(planned)}")
    if services.engine().speed_factor is None:
        wait_for_speed()
    # Not a callback: that would run before a number typed just now is read.
    if st.button(f"Start {runs}", type="primary", icon=":material/play_arrow:"):
        start(session, name or title, experiment)
        st.rerun()


def left_out(experiment: Experiment, impossible: Sequence[Impossible]) -> None:
    """Say which combinations cannot be trained, and why."""
    for refused in impossible:
        combination = naming.levels(experiment, refused.levels)
        why = formatting.escaped(refused.why)
        sentence = _TEXT.text("left_out", combination=combination, why=why)
        st.warning(sentence, icon=":material/block:")


def start(session: Session, title: str, experiment: Experiment) -> None:
    """Have an experiment done, and show it. Raises RunError or JobError with a sentence."""
    open_experiment(requests.begin_experiment(session, title, experiment).id)


def vary_run(session: Session, run_id: str, label: str, key: str, help: str) -> None:
    """The button that leads to a new experiment in which the settings of a run are varied."""
    if st.button(label, icon=":material/science:", key=key, help=help):
        if run_id != session.viewed.run_id:
            session.choose_run(run_id)
        st.session_state[_BASE] = _BASES[1]
        open_experiment(NEW)
        st.switch_page(EXPERIMENTS)


def _time(planned: Sequence[Planned]) -> str:
    seconds, workers = services.experiment_runner().seconds(planned), services.engine().workers
    if seconds is None:
        return _TEXT.text("time/unknown")
    at_once = "one at a time" if workers == 1 else f"{workers} at a time"
    return _TEXT.text("time", time=formatting.seconds(seconds), at_once=at_once)


def _base(session: Session) -> Job:
    if choices.choice("What is varied", _BASES, _BASE) == _BASES[0]:
        return Job(session.network, session.data, session.settings)
    return chosen_run(session).job


def _with_epochs(base: Job, factors: Sequence[Factor]) -> Job:
    """The base with the number of epochs that is asked for, where it is a single one."""
    if len(base.settings.phases) > 1 or any(factor.setting == "epochs" for factor in factors):
        return base
    [phase] = base.settings.phases
    low, high, before = int(EPOCHS.low), int(EPOCHS.high), phase.epochs
    key, help = f"experiment-epochs-{before}", definition("epoch")
    epochs = st.number_input(
        "Epochs each", low, high, before, key=key, help=help, persist_state="session", width=130
    )
    settings = replace(base.settings, phases=(replace(phase, epochs=epochs),))
    return replace(base, settings=settings)


def _factors(base: Job) -> list[Factor]:
    missing = missing_settings(base)
    settings = [setting for setting in naming.OFFERS if setting not in missing]
    wanted = st.multiselect(
        "Settings to vary",
        settings,
        default=[setting for setting in settings if setting == "pooling"],
        format_func=lambda setting: naming.OFFERS[setting].title,
        max_selections=MOST_FACTORS,
        key=f"experiment-settings-{'-'.join(settings)}",
        persist_state="session",
        placeholder="None: the same with several seeds",
        help=_TEXT.text("settings", most=MOST_RUNS),
    )
    factors = []
    for setting in wanted:
        offer = naming.OFFERS[setting]
        with st.container(horizontal=True):
            block = _block(setting, base)
            values = st.pills(
                offer.title,
                offer.values,
                default=offer.usual,
                selection_mode="multi",
                format_func=partial(naming.value, setting),
                key=f"experiment-{setting}",
                persist_state="session",
            )
        if len(values) < 2:
            _TEXT.caption("two_values", setting=offer.title)
        else:
            factors.append(Factor(setting, tuple(sorted(values, key=offer.values.index)), block))
    return factors


def _block(setting: Setting, base: Job) -> int | None:
    count = len(base.network.blocks)
    if setting not in BLOCK_SETTINGS or count < 2:
        return None
    blocks = {None: "all blocks"} | {number: f"block {number + 1}" for number in range(count)}
    return choices.choice_box("In", blocks, f"experiment-block-{setting}-{count}", width=130)


def train_with_seeds(session: Session, run: Run) -> None:
    """The button that has the run's job trained with five seeds, and leads to the experiment."""
    label, key, help = f"Train with {SEEDS} seeds", f"seeds-{run.id}", _TEXT.text("five_seeds")
    if st.button(label, icon=":material/casino:", type="tertiary", key=key, help=help):
        with errors_shown():
            title = f"{formatting.network_name(run.job.network)}; {SEEDS} seeds"
            start(session, title, with_seeds(run.job, (), SEEDS))
            st.switch_page(EXPERIMENTS)
