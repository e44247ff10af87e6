"""What may be wrong with a network: findings with their picture, and one click to what may mend it."""

from collections.abc import Mapping
from concurrent.futures import Future

import numpy as np
import streamlit as st

from cnn.evaluation.health.activity import measured, sample
from cnn.evaluation.health.examination import examine
from cnn.evaluation.health.finding import (
    Bars,
    Check,
    Evidence,
    Finding,
    GradientLines,
    HealthInput,
    History,
    Place,
    Remedy,
    Twins,
)
from cnn.evaluation.health.learning import gradient_lines
from cnn.inspection.features.saturation import Activity
from cnn.training.run import Run
from cnn.ui.common import charts
from cnn.ui.common.page import BUILD, DATA, INSPECT, TRAIN
from cnn.ui.common.waiting import when_there
from cnn.ui.components.kernel_pairs import Pair, kernel_pairs
from cnn.ui.evaluate import health_charts
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.state import services
from cnn.ui.state.session import Session

_PAGES: dict[Place, str] = {"Build": BUILD, "Train": TRAIN, "Data": DATA, "Inspect": INSPECT}
_ICONS: dict[Place, str] = {
    "Build": ":material/build:",
    "Train": ":material/play_arrow:",
    "Data": ":material/photo_library:",
    "Inspect": ":material/search:",
}
_MOST_PAIRS = 4


def health(session: Session, seen: EvaluatedRun) -> None:
    """The findings on what is seen, then all that was looked at."""
    health_of(session, seen.run, seen.epoch)


def health_of(session: Session, run: Run, epoch: int) -> None:
    """The same for any run at a kept epoch, whether its answers are numbers or not."""
    when_there(
        _activity(run, epoch),
        "Looking at the units on some test images",
        lambda activity: _show(session, _patient(run, epoch, activity)),
    )


def _activity(run: Run, epoch: int) -> Future[dict[str, Activity]]:
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    numbers = sample(data.test)
    if plan.multiply_accumulates * len(numbers) < services.HEAVY:
        answer: Future[dict[str, Activity]] = Future()
        answer.set_result(_measured(run.id, epoch))
        return answer
    images = data.dataset.images[numbers]
    weights = services.weights(run.id, epoch)
    return services.ask("health", (run.id, epoch), measured, plan, weights, images)


@st.cache_resource(show_spinner=False, max_entries=64)
def _measured(run_id: str, epoch: int) -> dict[str, Activity]:
    run = services.run_store().run(run_id)
    data = services.chosen(run.job.data)
    images = data.dataset.images[sample(data.test)]
    return measured(services.run_plan(run), services.weights(run_id, epoch), images)


def _patient(run: Run, epoch: int, activity: Mapping[str, Activity]) -> HealthInput:
    data = services.chosen(run.job.data)
    counts = np.bincount(data.labels[data.train], minlength=len(data.classes))
    return HealthInput(
        run,
        epoch,
        services.run_plan(run),
        services.weights(run.id, epoch),
        services.weights(run.id, 0) if 0 in run.kept else None,
        activity,
        tuple(data.classes),
        tuple(counts.tolist()),
        len(data.test),
    )


def _show(session: Session, patient: HealthInput) -> None:
    checks = examine(patient)
    findings = [finding for check in checks for finding in check.findings]
    told = sum(check.told for check in checks)
    if not findings:
        st.success(
            f"Nothing found: in none of the {told} things that can be told of this network at epoch"
            f" {patient.epoch} is there anything out of order. What was looked at is below.",
            icon=":material/check_circle:",
        )
    else:
        several = f"{len(findings)} findings" if len(findings) > 1 else "One finding"
        st.markdown(
            f"**{several}** at epoch {patient.epoch}. A finding is a reason to look, no proof that"
            " the network is bad: whether mending it helps, a training tells."
        )
    for number, finding in enumerate(findings):
        _card(session, patient, finding, number)
    _looked_at(checks)
    _recorded(patient, findings)


def _card(session: Session, patient: HealthInput, finding: Finding, number: int) -> None:
    with st.container(border=True):
        st.markdown(f"##### {finding.title}", anchors=False)
        words, picture = st.columns([5, 6], gap="medium")
        with words:
            st.markdown(finding.sentence)
            st.markdown(f"**What it means.** {finding.meaning}")
        with picture:
            _picture(patient, finding.evidence, finding.title, f"health-{number}")
        with st.container(horizontal=True):
            for place, remedy in enumerate(finding.remedies):
                pressed = st.button(
                    remedy.label,
                    icon=_ICONS[remedy.place],
                    key=f"mend-{patient.run.id}-{patient.epoch}-{finding.title}-{place}",
                    help=_help(remedy),
                )
                if pressed:
                    _apply(session, patient.run, remedy)
                    st.switch_page(_PAGES[remedy.place])


def _help(remedy: Remedy) -> str:
    if remedy.network or remedy.settings:
        return (
            f"Opens {remedy.place} with this run's network, data and settings and this one change."
        )
    return f"Opens {remedy.place}."


def _apply(session: Session, run: Run, remedy: Remedy) -> None:
    """Choose what the run was trained with, but for the one change."""
    if remedy.unit:
        session.viewed.unit = remedy.unit
        return
    session.prepare_training(
        remedy.network or run.job.network, run.job.data, remedy.settings or run.job.settings
    )


def _picture(patient: HealthInput, evidence: Evidence, what: str, key: str) -> None:
    match evidence:
        case Bars():
            ill = [
                f"{name} {value:.3g}"
                for name, value, one in zip(
                    evidence.names, evidence.values, evidence.ill, strict=True
                )
                if one
            ]
            st.altair_chart(
                health_charts.bars(evidence),
                alt=f"{what}. {evidence.measure}, by {evidence.of}: {'; '.join(ill[:20])}",
            )
        case Twins(layer, pairs):
            kernel = patient.plan.split(patient.weights)[patient.plan.layer(layer).weights[0].name]
            shown = [
                Pair(one, other, f"cosine {cosine:.3f}")
                for one, other, cosine in pairs[:_MOST_PAIRS]
            ]
            kernel_pairs(kernel, shown, key=key)
            if len(pairs) > len(shown):
                st.caption(f"The {len(shown)} closest of {len(pairs)} pairs.")
        case GradientLines():
            st.altair_chart(health_charts.gradients(evidence), alt=f"{what}, over the epochs")
        case History(measure, marked):
            run = patient.run
            chart = charts.history(charts.history_table(run), measure, run.last_epoch, marked)
            st.altair_chart(chart, alt=f"{what}. The {measure}; epoch {marked} is marked.")


def _looked_at(checks: tuple[Check, ...]) -> None:
    st.markdown("**What was looked at**")
    lines = []
    for check in checks:
        if check.findings:
            icon, said = ":material/error:", "; ".join(one.title for one in check.findings) + "."
        else:
            icon = ":material/check:" if check.told else ":material/remove:"
            said = check.sentence
        lines.append(f"- {icon} **{check.name}.** {said}")
    st.markdown("\n".join(lines))


def _recorded(patient: HealthInput, findings: list[Finding]) -> None:
    """The gradients of a run in which there is nothing wrong with them."""
    recorded = [one for one in patient.run.epochs if one.gradients]
    shown = any(isinstance(one.evidence, GradientLines) for one in findings)
    if not recorded or shown:
        return
    lines = gradient_lines(patient.plan, recorded)
    with st.expander("Gradient size by layer, epoch by epoch"):
        st.altair_chart(
            health_charts.gradients(lines),
            alt=f"Gradient size of {', '.join(lines.layers)} over {len(recorded)} epochs",
        )
