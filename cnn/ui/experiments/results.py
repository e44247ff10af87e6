"""How an experiment goes on and what came of it: progress, conclusions, charts, and every run.

The sentences of the conclusions are in `results.md`.
"""

from dataclasses import replace
from math import sqrt
from statistics import stdev

import pandas as pd
import streamlit as st
from scipy.special import stdtrit

from cnn.evaluation.effects import FEWEST_SEEDS, Difference, Effects, Level, effects, of_whole_seeds
from cnn.training.experiments.experiment import Result
from cnn.training.experiments.runner import Standing
from cnn.training.experiments.store import owner
from cnn.training.run import RunError
from cnn.ui.common import formatting
from cnn.ui.common.page import EVALUATE, INSPECT, errors_told
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import polled
from cnn.ui.experiments import charts, naming
from cnn.ui.experiments.form import BEGINNING
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)

_ROUGH_SEEDS = 10
"""Below this many seeds the spread, and so the number of seeds needed, is only roughly known."""


def results(session: Session, standing: Standing) -> None:
    """Everything below the progress of an experiment."""
    record = standing.record
    counted = [result for result in record.results if result.counts]
    if counted:
        shown = replace(standing, record=of_whole_seeds(record, standing.missing))
        measured = effects(shown.record)
        _conclusions(shown, measured)
        picked = _effects(shown, measured)
        rows = _table(standing)
        _open(session, standing, picked or rows)
        if record.experiment.factors and len(counted) > 1:
            st.markdown("**Every run through its settings**, colored by its accuracy")
            st.altair_chart(
                charts.parallel(record.experiment, record.results),
                alt=f"Parallel coordinates of {len(counted)} runs; the numbers are in the table",
            )
    elif record.results:
        _table(standing)
    elif standing.lane.busy:
        st.info("The first run has not ended yet. Each is shown here as it is done.")


def _conclusions(standing: Standing, measured: Effects) -> None:
    sentences = conclusions(standing, measured)
    if not standing.complete:
        seeds = len({result.seed for result in standing.record.results})
        unfinished = _TEXT.text(
            "unfinished",
            done=len(standing.planned) - len(standing.missing),
            runs=formatting.counted(len(standing.planned), "run"),
            seeds=formatting.counted(seeds, "seed"),
        )
        sentences.insert(0, unfinished)
    with st.container(border=True):
        st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
        st.caption(_TEXT.text("sources"))


def conclusions(standing: Standing, found: Effects) -> list[str]:
    """The sentences, the most important first; empty while there are no results."""
    experiment = standing.record.experiment
    sentences = []
    if not experiment.factors:
        sentences += [_seed_luck(standing, level) for level in found.levels[0]]
    sentences += [_difference(standing, one) for one in found.differences]
    if len(found.differences) > 1:
        sentences.append(_TEXT.text("several_comparisons", count=len(found.differences)))
    if len(experiment.factors) > 1 and found.differences:
        sentences.append(_TEXT.text("several_settings"))
    if sentences:
        sentences.append(_limits(standing))
    return sentences


def _seed_luck(standing: Standing, level: Level) -> str:
    mean = formatting.percent(level.mean)
    if level.seeds == 1:
        return _TEXT.text("first_seed", mean=mean)
    each = [one.accuracy for one in standing.record.results if one.counts]
    seeds = _TEXT.text(
        "seeds",
        seeds=level.seeds,
        mean=mean,
        low=f"{100 * level.low:.1f}",
        high=f"{100 * level.high:.1f}",
        worst=f"{100 * min(each):.1f}",
        best=f"{100 * max(each):.1f}",
    )
    if level.seeds < FEWEST_SEEDS:
        return _TEXT.text("seeds/two", seeds=seeds)
    # Two single runs differ by the spread times the square root of two (Student's t).
    apart = float(stdtrit(level.seeds - 1, 0.975)) * stdev(each) * sqrt(2)
    return _TEXT.text("seeds/apart", seeds=seeds, apart=f"{100 * apart:.1f}")


def _difference(standing: Standing, one: Difference) -> str:
    factor = standing.record.experiment.factors[one.factor]
    difference = _TEXT.text(
        "difference",
        factor=naming.factor(factor),
        value=naming.value(factor.setting, one.value),
        compared=_compared(one.mean),
        reference=naming.value(factor.setting, one.reference),
        seeds=formatting.counted(one.seeds, "seed"),
    )
    section = f"verdict/{one.verdict}"
    interval = {"low": naming.points(one.low), "high": naming.points(one.high)}
    match one.verdict:
        case "too_few_seeds":
            return _TEXT.text(section, difference=difference, fewest=FEWEST_SEEDS)
        case "no_spread":
            return _TEXT.text(section, difference=difference)
        case "more_than_chance":
            return _TEXT.text(section, difference=difference, **interval)
        case "not_distinguishable":
            more = _more_seeds(one)
            return _TEXT.text(section, difference=difference, more_seeds=more, **interval)


def _compared(difference: float) -> str:
    size = f"{abs(100 * difference):.1f} points"
    return f"{size} above" if difference > 0 else f"{size} below" if difference < 0 else "equal to"


def _more_seeds(one: Difference) -> str:
    if one.needed is None:
        return _TEXT.text("more/too_many")
    if one.needed <= one.seeds:
        return _TEXT.text("more/enough")
    more = formatting.counted(one.needed - one.seeds, "more seed")
    if one.seeds < _ROUGH_SEEDS:
        return _TEXT.text("more/rough", more=more, seeds=formatting.counted(one.seeds, "seed"))
    return _TEXT.text("more/about", more=more)


def _limits(standing: Standing) -> str:
    images = standing.record.test_images
    if images:
        limits = _TEXT.text("limits/same_images", images=formatting.thousands(images))
    else:
        limits = _TEXT.text("limits/other_images")
    lost = sum(not one.counts for one in standing.record.results)
    if not lost:
        return limits
    return _TEXT.text("left_out", runs=formatting.counted(lost, "run"), limits=limits)


def _effects(standing: Standing, measured: Effects) -> str | None:
    """The charts; returns the run that was clicked, if point was."""
    record = standing.record
    factors = record.experiment.factors
    picked = None
    st.markdown("**Each run a point, each mean a diamond** with its 95% interval over the seeds")
    for at, levels in enumerate(measured.levels):
        factor = factors[at] if factors else None
        if factor is not None and len(factors) > 1:
            st.caption(naming.factor(factor))
        means = "; ".join(
            f"{naming.value(factor.setting, level.value) if factor else 'all runs'}"
            f" {formatting.percent(level.mean)}, {100 * level.low:.1f} to {100 * level.high:.1f}"
            for level in levels
        )
        event = st.altair_chart(
            charts.effect(levels, record.results, at if factors else None, factor),
            key=f"effect-{record.id}-{at}-{len(record.results)}",
            on_select="rerun",
            selection_mode=charts.PICKED,
            alt=f"Mean accuracy with 95% interval: {means}",
        )
        chosen = event["selection"].get(charts.PICKED) or []
        picked = next((point["run"] for point in chosen if point.get("run")), picked)
    if measured.differences:
        st.markdown("**Paired differences**: the same seeds with the one value and the other")
        st.altair_chart(
            charts.differences(measured.differences, factors),
            alt="; ".join(
                f"{difference.value} less {difference.reference}: {naming.points(difference.mean)} points,"
                f" {naming.points(difference.low)} to {naming.points(difference.high)}"
                for difference in measured.differences
            ),
        )
    return picked


def _table(standing: Standing) -> str | None:
    """Every run in numbers; returns the run that was chosen in it, if one was."""
    record = standing.record
    factors = record.experiment.factors
    ordered = sorted(record.results, key=lambda option: (option.levels, option.seed))
    table = pd.DataFrame([_row(standing, result) for result in ordered])
    event = st.dataframe(
        table.style.format({"accuracy": "{:.2%}"}, na_rep=""),
        hide_index=True,
        key=f"runs-{record.id}-{len(record.results)}",
        on_select="rerun",
        selection_mode="single-row",
        alt=f"{formatting.counted(len(ordered), 'run')} with their settings, accuracy and time",
        column_config={
            "loss": st.column_config.NumberColumn(format="%.4f"),
            "seconds": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    exact = table.assign(
        **{
            naming.factor(factor): [result.levels[at] for result in ordered]
            for at, factor in enumerate(factors)
        },
        run=[result.run for result in ordered],
    )
    st.download_button(
        "Download as CSV",
        exact.to_csv(index=False),
        f"experiment-{record.id}.csv",
        "text/csv",
        icon=":material/download:",
    )
    rows = event["selection"]["rows"]
    return ordered[rows[0]].run if rows else None


def _row(standing: Standing, result: Result) -> dict[str, object]:
    pairs = zip(standing.record.experiment.factors, result.levels, strict=True)
    return {
        naming.factor(factor): naming.value(factor.setting, value) for factor, value in pairs
    } | {
        "seed": result.seed,
        "accuracy": result.accuracy if result.epochs else None,
        "loss": result.loss if result.epochs else None,
        "epochs": result.epochs,
        "parameters": result.parameters,
        "seconds": result.seconds,
        "ended": result.ending,
    }


def _open(session: Session, standing: Standing, run_id: str | None) -> None:
    """The way into the run that was chosen."""
    if not standing.record.owner:
        st.caption("Of the shipped experiment only the figures are kept, not the networks.")
        return
    if run_id is None:
        st.caption("Choose a run, as a point of the chart or a row of the table, to look into it.")
        return
    result = next(result for result in standing.record.results if result.run == run_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        named = naming.levels(standing.record.experiment, result.levels)
        st.markdown(
            f"Seed {result.seed}{', ' if named else ''}{named}: {formatting.percent(result.accuracy)}"
        )
        try:
            services.engine().run(run_id)
        except RunError as error:
            st.caption(f"{error} Its figures stay here.")
            return
        for label, page, icon in (
            ("Inspect", INSPECT, "search"),
            ("Evaluate", EVALUATE, "fact_check"),
        ):
            if st.button(label, icon=f":material/{icon}:", key=f"open-{label}-{run_id}"):
                session.choose_run(run_id)
                st.switch_page(page)


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
        standing = services.experiment_runner().standing(experiment_id)
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
            f"{total - missing} of {formatting.counted(total, 'run')} done, {training} in training,"
            f" {missing - training} waiting{_time_left(standing)}",
        )
        if mine:
            # A callback: it is heard even when the page is just being drawn anew.
            st.button(
                "Cancel",
                icon=":material/stop:",
                key="cancel-experiment",
                on_click=services.experiment_runner().cancel,
                args=(standing.record.id,),
            )
    else:
        several = f"{missing} runs are" if missing > 1 else "1 run is"
        st.progress(
            (total - missing) / total,
            f"{total - missing} of {formatting.counted(total, 'run')} done",
        )
        st.warning(
            f"Not finished: {several} missing. The experiment was cancelled, the server was"
            " restarted, or a run failed; what is done is kept.",
            icon=":material/pause_circle:",
        )
        if mine and st.button("Resume", icon=":material/resume:", key="resume-experiment"):
            services.experiment_runner().start(standing.record.id)
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
    speed_factor = services.engine().speed_factor
    if speed_factor is None or not standing.missing:
        return ""
    seconds = sum(
        missing_run.seconds * speed_factor + BEGINNING for missing_run in standing.missing
    )
    seconds *= 1 - min(1.0, sum(_parts(standing)) / len(standing.missing))
    return f"; {formatting.seconds(seconds / min(services.workers(), len(standing.missing)))} left"
