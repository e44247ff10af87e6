"""How an experiment goes on and what came of it: progress, conclusions, charts, and every run."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import sqrt

import numpy as np
import pandas as pd
import streamlit as st

from cnn.evaluation.effects import FEWEST_SEEDS, Difference, Effects, Level, effects, of_whole_seeds
from cnn.training.experiments.experiment import Planned
from cnn.training.experiments.factors import Factor
from cnn.training.experiments.runner import ExperimentStatus
from cnn.training.experiments.store import Record, owner
from cnn.training.run import RunError
from cnn.ui.common import formatting
from cnn.ui.common.page import EVALUATE, INSPECT, errors_shown, open_run
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import polled
from cnn.ui.experiments import charts, naming
from cnn.ui.state import requests, services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)

_ROUGH_SEEDS = 10
"""Below this many seeds the spread, and so the number of seeds needed, is only roughly known."""

_FORMATS = {"accuracy": "{:.2%}", "loss": "{:.4f}", "seconds": "{:.1f}"}


def results(session: Session, status: ExperimentStatus) -> None:
    """Everything below the progress of an experiment."""
    record = status.record
    counted = [result for result in record.results if result.counts]
    if counted:
        shown = replace(status, record=of_whole_seeds(record, status.missing))
        measured = effects(shown.record)
        _conclusions(shown, measured)
        picked = _effects(shown.record, measured)
        rows = _table(record)
        _open(session, record, picked or rows)
        if record.experiment.factors and len(counted) > 1:
            st.markdown("**Every run through its settings**, colored by its accuracy")
            st.altair_chart(
                charts.parallel(record.experiment, record.results),
                alt=f"Parallel coordinates of {len(counted)} runs; the numbers are in the table",
            )
    elif record.results:
        _table(record)
    elif status.background.busy:
        st.info("The first run has not ended yet. Each is shown here as it is done.")


def _conclusions(status: ExperimentStatus, measured: Effects) -> None:
    sentences = conclusions(status.record, measured)
    if not status.complete:
        seeds = len({result.seed for result in status.record.results})
        done, runs = len(status.planned) - len(status.missing), len(status.planned)
        sentences.insert(0, _TEXT.text("unfinished", done=done, runs=runs, seeds=seeds))
    with st.container(border=True):
        st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
        _TEXT.caption("sources")


def conclusions(record: Record, found: Effects) -> list[str]:
    """The sentences, the most important first; empty while there are no results."""
    factors = record.experiment.factors
    sentences = [] if factors else [_seed_luck(record, level) for level in found.levels[0]]
    sentences += [_difference(factors[one.factor], one) for one in found.differences]
    if len(found.differences) > 1:
        sentences.append(_TEXT.text("several_comparisons", count=len(found.differences)))
    if len(factors) > 1 and found.differences:
        sentences.append(_TEXT.text("several_settings"))
    if sentences:
        sentences.append(_limits(record))
    return sentences


def _seed_luck(record: Record, level: Level) -> str:
    if level.seeds == 1:
        return _TEXT.text("first_seed", mean=level.mean)
    each = [one.accuracy for one in record.results if one.counts]
    seeds = _TEXT.text_from("seeds", **vars(level), worst=min(each), best=max(each))
    if level.seeds < FEWEST_SEEDS:
        return _TEXT.text("seeds/two", seeds=seeds)
    # The interval is that of a mean; two single runs differ by the square root of two (Student's t).
    apart = (level.high - level.mean) * sqrt(2 * level.seeds)
    return _TEXT.text("seeds/apart", seeds=seeds, apart=apart)


def _difference(factor: Factor, one: Difference) -> str:
    difference = _TEXT.text(
        "difference",
        factor=naming.factor(factor),
        value=naming.value(factor.setting, one.value),
        compared=_compared(one.mean),
        reference=naming.value(factor.setting, one.reference),
        seeds=one.seeds,
    )
    ends = {"low": one.low, "high": one.high}
    more = {"fewest": FEWEST_SEEDS, "more_seeds": _more_seeds(one)}
    return _TEXT.text_from(f"verdict/{one.verdict}", difference=difference, **ends, **more)


def _compared(difference: float) -> str:
    size = f"{formatting.points(abs(difference))} points"
    return f"{size} above" if difference > 0 else f"{size} below" if difference < 0 else "equal to"


def _more_seeds(one: Difference) -> str:
    if one.needed is None:
        return _TEXT.text("more/too_many")
    if one.needed <= one.seeds:
        return _TEXT.text("more/enough")
    section = "more/rough" if one.seeds < _ROUGH_SEEDS else "more/about"
    return _TEXT.text_from(section, more=one.needed - one.seeds, seeds=one.seeds)


def _limits(record: Record) -> str:
    section = "limits/same_images" if record.test_images else "limits/other_images"
    limits = _TEXT.text_from(section, images=record.test_images)
    lost = sum(not one.counts for one in record.results)
    return _TEXT.text("left_out", runs=lost, limits=limits) if lost else limits


def _effects(record: Record, measured: Effects) -> str | None:
    """The charts; returns the run whose point was clicked, if one was."""
    factors = record.experiment.factors
    picked = None
    st.markdown("**Each run a point, each mean a diamond** with its 95% interval over the seeds")
    for at, levels in enumerate(measured.levels):
        if not levels:  # all runs of the whole seeds have failed
            continue
        if len(factors) > 1:
            st.caption(naming.factor(factors[at]))
        means = [
            f"{naming.level(factors, at, level.value)} {formatting.percent(level.mean)}, {formatting.interval(level.low, level.high)}"
            for level in levels
        ]
        event = st.altair_chart(
            charts.effect(factors, at, levels, record.results),
            key=f"effect-{record.id}-{at}-{len(record.results)}",
            on_select="rerun",
            selection_mode=charts.PICKED,
            alt=f"Mean accuracy with 95% interval: {'; '.join(means)}",
        )
        chosen = event["selection"].get(charts.PICKED) or []
        picked = next((point["run"] for point in chosen if point.get("run")), picked)
    if measured.differences:
        st.markdown("**Paired differences**: the same seeds with the one value and the other")
        differences = [
            _TEXT.text_from("alt", what=naming.difference(factors, each), **vars(each))
            for each in measured.differences
        ]
        chart = charts.differences(factors, measured.differences)
        st.altair_chart(chart, alt="; ".join(differences))
    return picked


def _table(record: Record) -> str | None:
    """Every run in numbers; returns the run that was chosen in it, if one was."""
    ordered = sorted(record.results, key=lambda result: (result.levels, result.seed))
    settings = {naming.factor(factor): factor.setting for factor in record.experiment.factors}
    exact = pd.DataFrame([one.levels for one in ordered], columns=[*settings])
    worded = exact.apply(lambda each: each.map(partial(naming.value, settings[each.name])))
    figures = pd.DataFrame(map(vars, ordered)).rename(columns={"ending": "ended"})
    figures.loc[figures["epochs"] == 0, ["accuracy", "loss"]] = np.nan
    figures = figures[["seed", "accuracy", "loss", "epochs", "parameters", "seconds", "ended"]]
    event = st.dataframe(
        worded.join(figures).style.format(_FORMATS, na_rep=""),
        hide_index=True,
        key=f"runs-{record.id}-{len(ordered)}",
        on_select="rerun",
        selection_mode="single-row",
        alt=f"{formatting.counted(len(ordered), 'run')} with their settings, accuracy and time",
    )
    runs = [result.run for result in ordered]
    text = exact.join(figures).assign(run=runs).to_csv(index=False)
    file, icon = f"experiment-{record.id}.csv", ":material/download:"
    st.download_button("Download as CSV", text, file, "text/csv", icon=icon)
    rows = event["selection"]["rows"]
    return runs[rows[0]] if rows else None


def _open(session: Session, record: Record, run_id: str | None) -> None:
    if not record.owner:
        _TEXT.caption("open/example")
        return
    if run_id is None:
        _TEXT.caption("open/none")
        return
    result = next(result for result in record.results if result.run == run_id)
    levels = naming.levels(record.experiment, result.levels)
    with st.container(horizontal=True, vertical_alignment="center"):
        seed = ", ".join(filter(None, [f"Seed {result.seed}", levels]))
        st.markdown(f"{seed}: {formatting.percent(result.accuracy)}")
        try:
            services.engine().run(run_id)
        except RunError as error:
            _TEXT.caption("open/gone", error=error)
            return
        for page in (INSPECT, EVALUATE):
            open_run(session, run_id, page)


_POLL = 1.0


def progress(session: Session, status: ExperimentStatus) -> None:
    """The line of an experiment that is not over; it looks by itself, and has the page drawn anew
    when a run has ended.
    """
    if status.complete and not status.background.busy:
        return
    poll = _POLL if status.background.busy else None
    polled(_look, poll, session, status.record.id, _state(status))


def _state(status: ExperimentStatus) -> tuple[int, bool]:
    """What the rest of the page shows."""
    return len(status.record.results), status.background.busy


def _look(session: Session, experiment_id: str, drawn: tuple[int, bool]) -> None:
    with errors_shown():
        status = services.experiment_runner().status(experiment_id)
        if _state(status) != drawn:
            st.rerun()
        _progress_bar(status)
        if not status.background.busy:
            cancelled = _TEXT.text("cancelled", missing=len(status.missing))
            st.warning(cancelled, icon=":material/pause_circle:")
        if status.record.owner != owner(session.token):
            _TEXT.caption("elsewhere")
        elif status.background.busy:
            # A callback: it runs even when the page is just being drawn anew.
            cancel = partial(services.experiment_runner().cancel, experiment_id)
            st.button("Cancel", icon=":material/stop:", key="cancel-experiment", on_click=cancel)
        elif st.button("Resume", icon=":material/resume:", key="resume-experiment"):
            requests.go_on_with_experiment(session, status)
            st.rerun()  # it is the page that looks again by itself


def _progress_bar(status: ExperimentStatus) -> None:
    total, missing = len(status.planned), len(status.missing)
    training = status.background.training
    # Runs of one job count in several experiments: what waits here may be trained elsewhere.
    under_way = sum(run.progress for run in training)
    text = f"{total - missing} of {formatting.counted(total, 'run')} done"
    if status.background.busy:
        waiting = f"{len(training)} in training, {status.background.waiting} waiting"
        text = f"{text}, {waiting}{_time_left(status.missing, under_way)}"
    st.progress(max(0.0, min(1.0, (total - missing + under_way) / total)), text)


def _time_left(missing: Sequence[Planned], under_way: float) -> str:
    """How long the `missing` runs take; `under_way` is how many of them are trained already."""
    seconds = services.experiment_runner().seconds(missing)
    if seconds is None:
        return ""
    left = seconds * (1 - min(1.0, under_way / len(missing)))
    return f"; {formatting.seconds(left)} left"
