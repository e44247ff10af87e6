"""Which experiment is open, and setting up a new one: what is varied, with how many seeds."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from cnn.data.split import DataChoice
from cnn.training.experiments.experiment import (
    MOST_FACTORS,
    MOST_RUNS,
    MOST_SEEDS,
    Experiment,
    expand,
)
from cnn.training.experiments.factors import (
    BLOCK_SETTINGS,
    DENSE_SETTINGS,
    ExperimentError,
    Factor,
    Setting,
)
from cnn.training.experiments.store import LONGEST_TITLE, Record
from cnn.training.job import EPOCHS, SEED, Job, Phase
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.glossary import definition
from cnn.ui.common.page import EXPERIMENTS, chosen_run, errors_told
from cnn.ui.experiments import naming
from cnn.ui.state import services, url
from cnn.ui.state.browser_echo import UrlEcho, widget
from cnn.ui.state.session import Session

NEW = "new"
"""What stands for the experiment that is being set up."""

_OPEN = "open-experiment"

BEGINNING = 1.0
"""Seconds, about, that it takes to build a network before it learns."""

_BASES = ("The network on Build", "The current run")
_BASE = "experiment-base"
_SEEDS = 5


def open_experiment(name: str) -> None:
    """Have the Experiments page show this one."""
    st.session_state[_OPEN] = name
    _echo().write(name)
    url.to_browser(experiment=name)


def open_id() -> str:
    """The id of the open one, from the URL or as it was left; an example at first."""
    named = url.from_browser()[0].experiment
    if named and _echo().is_opened(named):
        st.session_state[_OPEN] = named
    name: str = st.session_state.get(_OPEN) or services.experiments().examples()[0].id
    open_experiment(name)
    return name


def _echo() -> UrlEcho:
    echo: UrlEcho = st.session_state.setdefault("experiment-echo", UrlEcho())
    return echo


def choice(session: Session) -> str:
    """The select box of experiments and the button for a new one; returns the id of the open one."""
    now = open_id()
    records = [*services.experiments().of(session.token), *services.experiments().examples()]
    if now != NEW and now not in [record.id for record in records]:
        records += _by_address(now)
    titles = _titles(records)
    options = [NEW, *titles]
    if now not in options:
        now = records[-1].id
        open_experiment(now)
    box = widget("experiment", (now, tuple(titles.values())))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Experiment",
            options,
            index=options.index(now),
            format_func=lambda name: titles.get(name, "A new experiment"),
            key=box.key,
            on_change=box.then(open_experiment),
        )
        if now != NEW and st.button("New experiment", type="primary", icon=":material/add:"):
            open_experiment(NEW)
            st.rerun()
    return now


def _by_address(name: str) -> list[Record]:
    """The experiment of somebody else that the address names."""
    try:
        return [services.experiments().record(name)]
    except ExperimentError as error:
        st.warning(f"{error} The shipped one is shown instead.", icon=":material/link_off:")
        return []


def _titles(records: list[Record]) -> dict[str, str]:
    """What each is called: a later one of the same title gets a number.

    The browser knows an option by its label, so that no label may be there twice.
    """
    titles: dict[str, str] = {}
    for record in sorted(records, key=lambda option: option.created):
        title = numbered = record.title if record.owner else f"Shipped: {record.title}"
        number = 1
        while numbered in titles.values():
            number += 1
            numbered = f"{title} ({number})"
        titles[record.id] = numbered
    return {record.id: titles[record.id] for record in records}


def form(session: Session) -> None:
    """Everything that is asked, what it comes to, and the button that starts it."""
    base = _base(session)
    factors = _factors(base)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = int(
            st.number_input(
                "Seeds",
                1,
                MOST_SEEDS,
                _SEEDS,
                key="experiment-seeds",
                persist_state="session",
                width=120,
                help="How many times each combination is trained, each time from another random start."
                f" Fewer than three cannot show what chance does. Seed: {definition('seed')}",
            )
        )
        base = _with_epochs(base, factors)
        name = st.text_input(
            "Name", placeholder=naming.title(factors, count), max_chars=LONGEST_TITLE
        )
    experiment = Experiment(base, tuple(factors), seeds(base, count))
    planned, impossible = expand(experiment, services.chosen)
    for refused in impossible:
        st.warning(
            f"Left out: {naming.levels(experiment, refused.levels)}. {formatting.escaped(refused.why)}",
            icon=":material/block:",
        )
    if not planned:
        return
    several = f"{len(planned)} runs" if len(planned) > 1 else "1 run"
    combinations = len(planned) // count
    made = "" if combinations == 1 else f": {combinations} combinations, each with {count} seeds"
    st.markdown(
        f"**{several}**{made}. {told_time(sum(planned_run.seconds for planned_run in planned), len(planned))}"
    )
    # Not a callback: that would run before a number typed just now is read.
    if st.button(f"Start {several}", type="primary", icon=":material/play_arrow:"):
        start(session, name or naming.title(factors, count), experiment)
        st.rerun()


def start(session: Session, title: str, experiment: Experiment) -> None:
    """Have an experiment done, and show it. Raises RunError or JobError with a sentence."""
    record = services.experiments().create(title, session.token, experiment, _tested(experiment))
    services.experiment_runner().start(record.id)
    open_experiment(record.id)


def vary_current_run() -> None:
    """Have the form start from the current run; to be called on another page."""
    st.session_state[_BASE] = _BASES[1]
    open_experiment(NEW)


def seeds(base: Job, count: int) -> tuple[int, ...]:
    """So many seeds, from the base's own on."""
    span = int(SEED.high) + 1
    return tuple((base.settings.seed + number) % span for number in range(count))


def told_time(reference_seconds: float, runs: int) -> str:
    """How long so many runs take here, in a sentence."""
    speed_factor, workers = services.engine().speed_factor, services.workers()
    if speed_factor is None:
        return "Measuring how fast this server trains; the time appears in half a minute."
    at_once = "one at a time" if workers == 1 else f"{workers} at a time"
    time = (reference_seconds * speed_factor + runs * BEGINNING) / min(workers, runs)
    return (
        f"They take **{formatting.seconds(time)}** here, {at_once}; you can close the page. Regular"
        " training runs take priority."
    )


def _base(session: Session) -> Job:
    which = st.segmented_control(
        "What is varied",
        _BASES,
        default=_BASES[0],
        required=True,
        key=_BASE,
        persist_state="session",
    )
    if which == _BASES[0]:
        job = Job(session.network, session.data, session.settings)
    else:
        job = chosen_run(session).job
    st.caption(f"{naming.base(job)}; {naming.images(services.chosen(job.data))}.")
    return job


def _with_epochs(base: Job, factors: Sequence[Factor]) -> Job:
    """The base with the number of epochs that is asked for, where it is a single one."""
    if len(base.settings.phases) > 1 or any(factor.setting == "epochs" for factor in factors):
        return base
    [phase] = base.settings.phases
    epochs = int(
        st.number_input(
            "Epochs each",
            int(EPOCHS.low),
            int(EPOCHS.high),
            phase.epochs,
            key=f"experiment-epochs-{phase.epochs}",
            width=130,
            help=definition("epoch"),
        )
    )
    phases = (Phase(epochs, phase.learning_rate),)
    return replace(base, settings=replace(base.settings, phases=phases))


def _factors(base: Job) -> list[Factor]:
    wanted = st.multiselect(
        "Settings to vary",
        _settings(base),
        default=[s for s in ("pooling",) if s in _settings(base)],
        format_func=naming.TITLES.__getitem__,
        max_selections=MOST_FACTORS,
        key=f"experiment-settings-{'-'.join(_settings(base))}",
        placeholder="None: the same with several seeds",
        help=f"All combinations are trained, at most {MOST_RUNS} runs in all.",
    )
    factors = []
    for setting in wanted:
        with st.container(horizontal=True):
            block = _block(setting, base)
            values = st.pills(
                naming.TITLES[setting],
                naming.VALUES[setting],
                default=naming.USUAL[setting],
                selection_mode="multi",
                format_func=partial(naming.value, setting),
                key=f"experiment-{setting}",
                persist_state="session",
            )
        if len(values) < 2:
            st.caption(f"{naming.TITLES[setting]}: choose two values or more to vary it.")
        else:
            in_order = tuple(value for value in naming.VALUES[setting] if value in values)
            factors.append(Factor(setting, in_order, block))
    return factors


def _settings(base: Job) -> list[Setting]:
    """What this network has to be varied."""
    settings: list[Setting] = [*naming.TITLES]
    if not base.network.blocks:
        settings = [setting for setting in settings if setting not in BLOCK_SETTINGS]
    if not base.network.dense:
        settings = [setting for setting in settings if setting not in DENSE_SETTINGS]
    if base.data.train_share is None:
        settings.remove("train_share")
    return settings


def _block(setting: Setting, base: Job) -> int | None:
    count = len(base.network.blocks)
    if setting not in BLOCK_SETTINGS or count < 2:
        return None
    return st.selectbox(
        "In",
        [None, *range(count)],
        format_func=lambda block: "all blocks" if block is None else f"block {block + 1}",
        key=f"experiment-block-{setting}-{count}",
        width=130,
    )


def _tested(experiment: Experiment) -> int:
    """The number of test images, 0 where it differs from run to run."""
    if any(factor.setting == "train_share" for factor in experiment.factors):
        return 0
    choice: DataChoice = experiment.base.data
    return len(services.chosen(choice).test)


SEEDS = 5


def train_with_seeds(session: Session, run: Run) -> None:
    """The button that has the run's job trained with five seeds, and leads to the experiment."""
    pressed = st.button(
        f"Train with {SEEDS} seeds",
        icon=":material/casino:",
        type="tertiary",
        key=f"seeds-{run.id}",
        help="Trains the same network with the same data and settings from five different starts, to"
        " see how much of the accuracy is luck.",
    )
    if not pressed:
        return
    with errors_told():
        experiment = Experiment(run.job, (), seeds(run.job, SEEDS))
        start(session, f"{formatting.network_name(run.job.network)}; {SEEDS} seeds", experiment)
        st.switch_page(EXPERIMENTS)
