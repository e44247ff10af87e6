"""A verdict in words: what was measured, what was needed, and by how much; `verdict.md` has the text."""

from math import isclose

import streamlit as st

from cnn.challenges.challenge import Measure
from cnn.challenges.judge import Finding, Verdict
from cnn.challenges.standings import Standing
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_sections

_TEXT = read_sections(__file__)


def in_short(verdict: Verdict) -> str:
    """The goal as it was measured: "accuracy 84.2%"."""
    kind = verdict.goal.wanted.kind
    return f"{kind.name[0].lower()}{kind.name[1:]} {kind.written(verdict.goal.value)}"


def show_standing(standing: Standing) -> None:
    """The last verdict in full, and the best entry if that is another one."""
    last, best = standing.last, standing.best
    if last is None or best is None:
        return
    with st.container(border=True):
        section = "won" if last.verdict.met else "lost"
        what = formatting.escaped(last.what)
        st.markdown(_TEXT.text_from(section, what=what))
        for finding in last.verdict.findings:
            st.markdown(_row(finding))
        if last.verdict.note:
            st.markdown(last.verdict.note)
        if not all(finding.sure for finding in last.verdict.findings):
            _TEXT.caption("close")
        if last.verdict.networks > 1:
            _TEXT.caption("seeds", networks=last.verdict.networks)
    if standing.entries > 1:
        what, short = formatting.escaped(best.what), in_short(best.verdict)
        _TEXT.caption("best", entries=standing.entries, what=what, best=short)


def _row(finding: Finding) -> str:
    kind = finding.wanted.kind
    least = "at least" if kind.better == "higher" else "at most"
    if isclose(finding.margin, 0, abs_tol=1e-9):
        section = "row/exactly"
    else:
        section = "row/kept" if finding.kept else "row/missed"
    return _TEXT.text_from(
        section,
        name=kind.name,
        value=kind.written(finding.value),
        interval=_interval(finding),
        needed=f"{least} {kind.written(finding.bound)}",
        margin=_margin(kind, abs(finding.margin)),
    )


def _interval(finding: Finding) -> str:
    if finding.low == finding.high:
        return ""
    low, high = formatting.points(finding.low), formatting.points(finding.high)
    return f" {_TEXT.text('interval', low=low, high=high)}"


def _margin(kind: Measure, margin: float) -> str:
    """How much is to spare or missing: points of a share, or a count."""
    if kind.unit in ("percent", "points"):
        return f"{formatting.points(margin)} points"
    return kind.written(margin)
