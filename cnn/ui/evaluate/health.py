"""What may be wrong with a network: a card per finding with its evidence and remedies, then all checks."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from cnn.evaluation.health.activity import measure_activity, sample
from cnn.evaluation.health.checks import Measurement, run_checks
from cnn.evaluation.health.health_input import HealthInput, NotApplicable
from cnn.evaluation.health.kernels import SimilarPairs
from cnn.evaluation.health.remedies import Remedy
from cnn.evaluation.health.signals import GradientLines, recorded_gradients
from cnn.inspection.features.saturation import Activity
from cnn.inspection.units import Unit, to_text
from cnn.training.run import Run
from cnn.ui.common import charts
from cnn.ui.common.epoch_marks import marks
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.navigation import BUILD, DATA, GROUPS, INSPECT, TRAIN
from cnn.ui.common.prose import read_sections
from cnn.ui.common.theme import CLASSES, NEGATIVE, QUIET
from cnn.ui.common.waiting import when_there
from cnn.ui.components.kernel_pairs import Pair, kernel_pairs
from cnn.ui.evaluate.findings import (
    Bars,
    Curve,
    Finding,
    check_name,
    findings,
    layer_name,
    remedy_label,
    summary,
)
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)
_LABELS = {page: label for pages in GROUPS.values() for page, label in pages.items()}
_MOST_PAIRS = 4
_MOST_NAMES = 40


def health(session: Session, run: Run, epoch: int) -> None:
    """The findings on a run at a saved epoch, whether its predictions are finite or not; all checks."""
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    weights, images = services.weights(run.id, epoch), data.dataset.images[sample(data.train)]

    def show(activity: Mapping[str, Activity]) -> None:
        start = services.weights(run.id, 0) if 0 in run.kept else None
        counts = np.bincount(data.labels[data.train], minlength=len(data.classes))
        classes, trained, tested = tuple(data.classes), tuple(counts.tolist()), len(data.test)
        given = HealthInput(run, epoch, plan, weights, start, activity, classes, trained, tested)
        _show(session, given)

    cost = plan.multiply_accumulates * len(images)
    key = run.id, epoch
    asked = services.compute_or_ask("health", key, cost, measure_activity, plan, weights, images)
    when_there(asked, "Measuring how active the units are on some training images", show)


def _show(session: Session, given: HealthInput) -> None:
    checks = [(one, list(findings(one, given))) for one in run_checks(given)]
    found = [finding for _, several in checks for finding in several]
    applicable = sum(not isinstance(one, NotApplicable) for one, _ in checks)
    if not found:
        passed = _TEXT.text("passed", checks=applicable, epoch=given.epoch)
        st.success(passed, icon=":material/check_circle:")
    else:
        _TEXT.show("found", findings=len(found), epoch=given.epoch)
    for number, finding in enumerate(found):
        _card(session, given, finding, number)
    _all_checks(checks, given)
    _gradients(given, found)


def _card(session: Session, given: HealthInput, finding: Finding, number: int) -> None:
    with st.container(border=True):
        st.markdown(f"### {finding.title}", anchors=False)
        text, picture = st.columns([5, 6], gap="medium")
        with text:
            st.markdown(finding.sentence)
            st.markdown(f"**What it means.** {finding.meaning}")
        with picture:
            _evidence(given, finding, f"health-{number}")
        with st.container(horizontal=True):
            for place, remedy in enumerate(finding.remedies):
                page = _page(remedy)
                title, icon = _LABELS[page]
                section = "opens/change" if remedy.network or remedy.settings else "opens/page"
                if st.button(
                    remedy_label(remedy),
                    icon=f":material/{icon}:",
                    key=f"mend-{given.run.id}-{given.epoch}-{finding.title}-{place}",
                    help=_TEXT.text(section, page=title),
                ):
                    _apply(session, given, remedy)
                    st.switch_page(page)


def _page(remedy: Remedy) -> str:
    """The page on which to make the change."""
    if remedy.change == "inspect":
        return INSPECT
    return BUILD if remedy.network else TRAIN if remedy.settings else DATA


def _apply(session: Session, given: HealthInput, remedy: Remedy) -> None:
    """Choose the unit to look at, or what the run was trained with, except for the one change."""
    job = given.run.job
    if remedy.change == "inspect" and remedy.layer and remedy.number is not None:
        session.viewed.unit = to_text(Unit(remedy.layer.name, remedy.number), given.plan)
    else:
        network, settings = remedy.network or job.network, remedy.settings or job.settings
        session.prepare_training(network, job.data, settings)


def _evidence(given: HealthInput, finding: Finding, key: str) -> None:
    what = finding.title
    match finding.evidence:
        case Bars() as bars:
            flagged = "; ".join(f"{bar.name} {bar.value:.3g}" for bar in bars.flagged[:20])
            alternative = f"{what}. {bars.measure}, by {bars.of}: {flagged}"
            charts.draw(bar_chart, bars, alt=alternative)
        case SimilarPairs(layer, pairs):
            kernel = given.plan.split(given.weights)[layer.weights[0].name]
            shown = [
                Pair(one, other, f"cosine {cosine:.3f}")
                for one, other, cosine in pairs[:_MOST_PAIRS]
            ]
            kernel_pairs(kernel, shown, key=key)
            if len(pairs) > len(shown):
                _TEXT.caption("pairs", shown=len(shown), pairs=len(pairs))
        case GradientLines() as lines:
            charts.draw(gradient_chart, lines, alt=f"{what}, over the epochs")
        case Curve(measure, marked):
            run = given.run
            table = charts.history_table(run)
            known = marks(given.trained_epochs, "chart")
            words = f"{what}. The {measure}; epoch {marked} is marked."
            arguments = table, measure, run.last_epoch, marked, None, 260, known
            charts.draw(charts.history, *arguments, alt=words)


def _all_checks(
    checks: list[tuple[Measurement | NotApplicable, list[Finding]]], given: HealthInput
) -> None:
    st.markdown("**All checks**")
    lines = []
    for measured, found in checks:
        if found:
            icon, text = ":material/error:", "; ".join(one.title for one in found) + "."
        else:
            skipped = isinstance(measured, NotApplicable)
            icon = ":material/remove:" if skipped else ":material/check:"
            text = summary(measured, given)
        lines.append(f"- {icon} **{check_name(measured)}.** {text}")
    st.markdown("\n".join(lines))


def _gradients(given: HealthInput, found: list[Finding]) -> None:
    """The recorded gradients, unless a finding already shows them."""
    lines = recorded_gradients(given)
    if lines is None or any(isinstance(one.evidence, GradientLines) for one in found):
        return
    with st.expander("Gradient size per layer and epoch"):
        layers = ", ".join(map(layer_name, lines.layers))
        words = f"Gradient size of {layers} over {len(lines.epochs)} epochs"
        charts.draw(gradient_chart, lines, alt=words)


def bar_chart(evidence: Bars) -> charts.Chart:
    """A bar per item, the flagged ones in another color, and the limit."""
    rows = pd.DataFrame(evidence.bars)
    rows["group"] = np.where(rows["flagged"], "flagged", "others")
    horizontal = evidence.of in ("layer", "class")
    item, amount = (alt.Y, alt.X) if horizontal else (alt.X, alt.Y)
    form = ".2%" if evidence.share else ",.0f"
    labels = horizontal or len(rows) <= _MOST_NAMES
    base = alt.Chart(rows)
    # A logarithmic axis has no 0 for a bar to start at.
    drawn = base.mark_point(filled=True, size=90) if evidence.logarithmic else base.mark_bar()
    shown = drawn.encode(
        item(
            "name:N",
            sort=None,
            title=None if horizontal else evidence.of,
            axis=alt.Axis(labels=labels, ticks=labels, labelAngle=0, labelLimit=140),
        ),
        amount(
            "value:Q",
            title=evidence.measure,
            scale=alt.Scale(type="log") if evidence.logarithmic else alt.Scale(domainMin=0),
            axis=alt.Axis(format="%") if evidence.share else alt.Axis(),
        ),
        alt.Color("group:N", title=None, legend=alt.Legend(orient="top")).scale(
            domain=["flagged", "others"], range=[NEGATIVE, QUIET]
        ),
        tooltip=[
            alt.Tooltip("name:N", title=evidence.of),
            alt.Tooltip("value:Q", format=form, title=evidence.measure),
        ],
    )
    limit = charts.rule("value", evidence.threshold, amount)
    height = alt.Step(24) if horizontal else 200
    return alt.layer(shown, limit).properties(height=height, padding=CHART_PADDING)


def gradient_chart(evidence: GradientLines) -> charts.Chart:
    """A line per layer over the epochs, on a logarithmic axis; a gradient of 0 leaves a gap."""
    names = list(map(layer_name, evidence.layers))
    sizes = pd.DataFrame(evidence.sizes, columns=names)
    rows = sizes.where(sizes > 0).assign(epoch=evidence.epochs)
    table = rows.melt("epoch", var_name="layer", value_name="gradient")
    return charts.sizes(table, "root mean square of the gradient", CLASSES["light"])
