"""One challenge: its rule, how to begin, what can be entered, and the verdict; `challenge.md` has the text."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from cnn.arrays import Array, Pixels
from cnn.challenges.challenge import SEEDS, Challenge, ChallengeError, why_not
from cnn.challenges.judge import (
    LARGEST_SIDE,
    LARGEST_WEIGHT,
    check_kernel,
    filters,
    judge_filter,
    judge_fix,
    judge_guess,
    judge_kernel,
    judge_runs,
    map_of,
    pattern_responses,
    patterns,
)
from cnn.challenges.standings import Pending, Standing
from cnn.data.dataset import DataError
from cnn.data.example import challenge_dataset, judges_images
from cnn.inspection.forward import scaled
from cnn.inspection.map_geometry import Patch
from cnn.network.plan import Plan
from cnn.network.spec import NetworkError
from cnn.training.experiments.experiment import with_seeds
from cnn.training.experiments.factors import ExperimentError
from cnn.training.run import Run, RunError
from cnn.ui.challenges.overview import open_challenge
from cnn.ui.challenges.verdict import show_standing
from cnn.ui.common import formatting
from cnn.ui.common.choices import choice
from cnn.ui.common.kernel_table import kernel_sheet, same
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.notices import show_error
from cnn.ui.common.page import BUILD, INSPECT, TRAIN, open_run, run_name
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import when_there
from cnn.ui.components.patches import Shown, patches
from cnn.ui.experiments.results import progress
from cnn.ui.state import requests, services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)
_JUDGED, _KERNEL, _SHEET = "challenge-judged", "challenge-kernel", "challenge-sheet"
_SIDES = (3, 5, LARGEST_SIDE)
_SIDE = 28  # of a test pattern, in pixels
_SHEET_WIDTH = 310  # in screen pixels


@dataclass(frozen=True, eq=False)
class _Asked:
    """What the judge is asked: a function of `judge.py` and its arguments, named by `key`.

    `what` is the entry in words; `guessed` is the run whose first guess it is. `cost` is in
    multiply-accumulates.
    """

    challenge: Challenge
    what: str
    key: tuple[object, ...]
    cost: float
    judge: Callable[..., Any]
    arguments: tuple[Any, ...]
    guessed: str = ""


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A run that can be entered, and what it is called."""

    run: Run
    name: str
    plan: Plan

    @property
    def weights(self) -> Array:
        return services.weights(self.run.id, self.run.kept[-1])

    @property
    def label(self) -> str:
        accuracy = formatting.percent(self.run.epochs[-1].validation_accuracy)
        return f"{self.name}: {formatting.network_name(self.run.job.network)}, {accuracy}"


def show_challenge(session: Session, challenge: Challenge) -> None:
    """All of one challenge."""
    back = partial(open_challenge, None)
    st.button("All challenges", icon=":material/arrow_back:", type="tertiary", on_click=back)
    st.header(challenge.title, anchor=False)
    standing = services.standings().of(session.person).get(challenge.key, Standing(challenge.key))
    fitting, refused = _candidates(session, challenge)
    rule, entry = responsive_columns(2, 3, narrowest=150)
    with rule:
        st.markdown(f"**{challenge.rule}**")
        st.markdown(_TEXT.text_from(f"task/{challenge.entry}", more=SEEDS - 1))
        if challenge.entry != "kernel":
            _start(session, challenge, primary=not fitting)
            images, judged = len(challenge_dataset().images), len(judges_images()[0])
            _TEXT.caption("images", images=images, judged=judged)
        if challenge.luck:
            st.caption(challenge.luck)
    with entry:
        try:
            _entry(session, challenge, standing, fitting)
            _judged(session)
        except ChallengeError as error:
            show_error(error)
        show_standing(standing)
        if refused:
            with st.expander(_TEXT.text("not fitting", runs=len(refused))):
                for name, why in refused.items():
                    st.markdown(f"- **{formatting.escaped(name)}**: {formatting.escaped(why)}")


def _start(session: Session, challenge: Challenge, primary: bool) -> None:
    kind, help = "primary" if primary else "secondary", _TEXT.text("undo")
    if st.button("Start", type=kind, icon=":material/flag:", help=help):  # type: ignore[arg-type]
        start = challenge.start
        session.prepare_training(start.network, start.data, start.settings)
        st.switch_page(BUILD if challenge.entry == "run" else TRAIN)


def _candidates(session: Session, challenge: Challenge) -> tuple[list[_Candidate], dict[str, str]]:
    """The visitor's runs that can be entered, the newest first, and why others cannot, by name."""
    fitting, refused = [], {}
    if challenge.entry == "kernel":
        return [], {}
    for run_id in reversed(session.own_runs.ids):
        name = run_name(session, run_id)
        try:
            run = services.engine().run(run_id)
            plan = services.run_plan(run)
            why = why_not(challenge, run, plan)
        except (RunError, DataError, NetworkError) as error:
            why = str(error)
        if why:
            refused[name] = why
        else:
            fitting.append(_Candidate(run, name, plan))
    return fitting, refused


def _entry(
    session: Session, challenge: Challenge, standing: Standing, fitting: list[_Candidate]
) -> None:
    """What can be entered, or how far the entry is that waits for its trainings."""
    if challenge.entry == "kernel":
        _kernel(challenge)
    elif standing.pending:
        _pending(session, challenge, standing.pending)
    elif not fitting:
        st.info(_TEXT.text("none"), icon=":material/lightbulb:")
    else:
        forms: Mapping[str, Callable[..., None]] = {
            "run": _run,
            "filter": _filter,
            "two runs": _two_runs,
            "guess": _guess,
        }
        forms[challenge.entry](session, challenge, standing, fitting)


def _pick(label: str, fitting: list[_Candidate], key: str, at: int = 0) -> _Candidate:
    # The browser knows an option by its label, so that no label may be there twice.
    labels = {
        f"{one.label} ({number})" if number else one.label: one
        for one, number in _numbered(fitting)
    }
    names = list(labels)
    ids = "-".join(one.run.id for one in fitting)
    return labels[st.selectbox(label, names, at, key=f"{key}-{ids}")]


def _numbered(fitting: list[_Candidate]) -> Iterator[tuple[_Candidate, int]]:
    """Each run with the number by which it differs from others of its label, 0 for the first."""
    seen: Counter[str] = Counter()
    for one in fitting:
        yield one, seen[one.label] and seen[one.label] + 1
        seen[one.label] += 1


def _ask(asked: _Asked) -> None:
    """Have the judge look at an entry; `_judged` keeps what comes of it."""
    st.session_state[_JUDGED] = asked
    st.rerun()


def _judged(session: Session) -> None:
    """Keep the verdict on what was entered as soon as it is there."""
    asked: _Asked | None = st.session_state.get(_JUDGED)
    if asked is None:
        return

    def keep(verdict: Any) -> None:
        del st.session_state[_JUDGED]
        services.standings().add(
            session.person, asked.challenge.key, asked.what, verdict, asked.guessed
        )
        st.rerun()

    key = (asked.challenge.key, *asked.key)
    answer = services.compute_or_ask("judge", key, asked.cost, asked.judge, *asked.arguments)
    when_there(answer, "The judge is at work", keep)


def _cost(plan: Plan, images: int) -> float:
    return float(plan.multiply_accumulates * images)


def _enter(label: str, disabled: bool = False) -> bool:
    # Not a callback: that would run before what was chosen just now is read.
    return st.button(label, type="primary", icon=":material/gavel:", disabled=disabled)


def _run(
    session: Session, challenge: Challenge, standing: Standing, fitting: list[_Candidate]
) -> None:
    picked = _pick("Your run", fitting, "enter-run")
    if _enter(f"Enter {formatting.escaped(picked.name)}"):
        title = f"Challenge: {challenge.title}, {picked.name}"
        experiment = with_seeds(picked.run.job, (), SEEDS)
        record = requests.train_for_judge(session, title, experiment)
        pending = Pending(picked.run.id, picked.label, record.id)
        services.standings().enter(session.person, challenge.key, pending)
        st.rerun()


def _pending(session: Session, challenge: Challenge, pending: Pending) -> None:
    """How far the trainings of an entry are; when all are done, the judge is asked."""
    what = formatting.escaped(pending.what)
    withdraw = partial(services.standings().enter, session.person, challenge.key, None)
    try:
        status = services.experiment_runner().status(pending.experiment)
    except ExperimentError as error:
        withdraw()
        st.warning(_TEXT.text("withdrawn", error=error), icon=":material/link_off:")
        return
    if status.complete:
        results = status.record.results
        if all(result.counts for result in results):
            _judge_seeds(challenge, pending, [result.run for result in results])
        else:
            withdraw()
            st.warning(_TEXT.text("diverged", what=what), icon=":material/warning:")
        return
    st.markdown(_TEXT.text("pending", what=what, seeds=SEEDS))
    progress(session, status)

    if not status.background.busy:
        st.button("Withdraw", type="tertiary", icon=":material/undo:", on_click=withdraw)


def _judge_seeds(challenge: Challenge, pending: Pending, run_ids: list[str]) -> None:
    if _JUDGED in st.session_state:
        return
    runs = [services.engine().run(run_id) for run_id in run_ids]
    plan = services.run_plan(runs[0])
    weights = [services.weights(run.id, run.kept[-1]) for run in runs]
    passes = 5 if any(bound.measure == "changed" for bound in challenge.bounds) else 1
    cost = _cost(plan, SEEDS * passes * len(judges_images()[0]))
    arguments = (challenge, runs[0].job, plan, weights)
    _ask(_Asked(challenge, pending.what, tuple(run_ids), cost, judge_runs, arguments))


def _filter(
    session: Session, challenge: Challenge, standing: Standing, fitting: list[_Candidate]
) -> None:
    picked = _pick("Your run", fitting, "filter-run")
    places = {
        (layer, number): f"{layer.replace('_', ' ').capitalize()}, filter {number + 1}"
        for layer, count in filters(picked.plan).items()
        for number in range(count)
    }
    if not places:
        st.info("This run has no filter.", icon=":material/lightbulb:")
        return
    layer, number = st.selectbox(
        "Filter to remove",
        list(places),
        format_func=places.__getitem__,
        key=f"spare-{picked.run.id}",
    )
    with st.container(horizontal=True):
        if _enter("Enter without this filter"):
            what = f"{picked.label}, without {places[layer, number].lower()}"
            arguments = (challenge, picked.plan, picked.weights, layer, number)
            cost = _cost(picked.plan, 2 * len(judges_images()[0]))
            _ask(
                _Asked(
                    challenge, what, (picked.run.id, layer, number), cost, judge_filter, arguments
                )
            )
        open_run(session, picked.run.id, INSPECT)


def _two_runs(
    session: Session, challenge: Challenge, standing: Standing, fitting: list[_Candidate]
) -> None:
    overfit = _pick("The run that overfits", fitting, "overfit", len(fitting) - 1)
    fixed = _pick("The run that fixes it", fitting, "fixed")
    if _enter("Enter both runs", disabled=overfit is fixed):
        arguments = (
            challenge,
            (overfit.plan, overfit.weights),
            (fixed.plan, fixed.weights),
        )
        images = 2 * len(judges_images()[0])
        cost = _cost(overfit.plan, images) + _cost(fixed.plan, images)
        what = f"{overfit.label}; then {fixed.label}"
        _ask(_Asked(challenge, what, (overfit.run.id, fixed.run.id), cost, judge_fix, arguments))


def _guess(
    session: Session, challenge: Challenge, standing: Standing, fitting: list[_Candidate]
) -> None:
    picked = _pick("Your run", fitting, "guess-run")
    if picked.run.id in standing.guessed:
        run = formatting.escaped(picked.name)
        st.info(_TEXT.text("guessed", run=run), icon=":material/lock:")
        return
    names = challenge_dataset().classes
    with st.container(horizontal=True, vertical_alignment="bottom"):
        numbers = range(len(names))
        word = names.__getitem__
        actual = st.selectbox("It is", numbers, 0, word, key="guess-actual", width=180)
        wrong = st.selectbox("The run says", numbers, 1, word, key="guess-wrong", width=180)
    if _enter("Enter this guess", disabled=actual == wrong):
        what = f"{picked.label}, {names[actual]} mistaken for {names[wrong]}"
        arguments = (challenge, picked.plan, picked.weights, actual, wrong)
        cost, key = _cost(picked.plan, len(judges_images()[0])), (picked.run.id, actual, wrong)
        _ask(_Asked(challenge, what, key, cost, judge_guess, arguments, picked.run.id))


def _kernel(challenge: Challenge) -> None:
    """The numbers of a kernel and a bias, and what they make of the test patterns."""
    with st.container(horizontal=True):
        side = choice("Kernel size", {one: f"{one} × {one}" for one in _SIDES}, "challenge-side")
        bias = st.number_input(
            "Bias",
            -LARGEST_WEIGHT,
            LARGEST_WEIGHT,
            0.0,
            0.5,
            key="challenge-bias",
            persist_state="session",
            width=160,
        )
    kernels: dict[int, Array] = st.session_state.setdefault(_KERNEL, {})
    now = kernels.setdefault(side, _identity(side))
    typed = kernel_sheet(_SHEET, side, now, "%.4g" if side < 5 else "%.2g", _SHEET_WIDTH)
    check_kernel(typed, bias)
    if not same(typed, now):
        kernels[side] = typed
    if _enter("Enter this kernel"):
        rows = "; ".join(" ".join(f"{number:.4g}" for number in row) for row in typed)
        what = f"kernel {rows}, bias {bias:g}".replace("-", "−")
        key = (typed.tobytes(), side, bias)
        _ask(_Asked(challenge, what, key, 0, judge_kernel, (challenge, typed, bias)))
    _patterns(typed, bias)


def _identity(side: int) -> Array:
    kernel = np.zeros((side, side), np.float32)
    kernel[side // 2, side // 2] = 1
    return kernel


def _patterns(kernel: Array, bias: float) -> None:
    """A pattern of each kind, the map of it, and the share of all response that its kind gets."""
    responses = pattern_responses(kernel, bias)
    whole = sum(responses.values())
    maps = {kind: map_of(scaled(some[2:3]), kernel, bias)[0] for kind, some in patterns()}
    largest = max(float(map.max()) for map in maps.values())
    _TEXT.caption("patterns")
    if not whole:
        _TEXT.caption("nothing")
    patches([_shown(some[2], kind) for kind, some in patterns()], "patterns", None)
    shown = []
    for kind, map in maps.items():
        pixels = np.rint(255 * map / largest if largest else map).astype(np.uint8)
        share = _TEXT.text("share", share=responses[kind] / whole if whole else 0.0)
        shown.append(_shown(pixels[..., None], kind, share))
    patches(shown, "pattern-maps", None)


def _shown(pixels: Pixels, kind: str, value: str = "") -> Shown:
    """A pattern, or the map of one with the border that it lacks."""
    missing = _SIDE - len(pixels)
    border = ((missing // 2, missing - missing // 2),) * 2
    seen = np.pad(np.ones(pixels.shape[:2], dtype=np.bool_), border)
    patch = Patch(np.pad(pixels, (*border, (0, 0))), seen)
    return Shown(patch, value, "", "" if value else kind, f"{kind} {value}".strip())
