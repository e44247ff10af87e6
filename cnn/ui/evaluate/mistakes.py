"""The gallery of mistakes, the most confident first."""

import numpy as np
import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.evaluate.gallery import LEGEND, gallery
from cnn.ui.state.session import Session

_ANY = -1


def mistakes(session: Session, seen: EvaluatedRun) -> None:
    """All wrong answers, or those of one class, or those that give one class."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        true = _class(seen, "It is", "true")
        said = _class(seen, "Answered", "said")
    found = seen.metrics
    wanted = ~found.right
    if true != _ANY:
        wanted = wanted & (found.truth == true)
    if said != _ANY:
        wanted = wanted & (found.said == said)
    places = np.flatnonzero(wanted)
    places = places[np.argsort(-found.confidence[places], kind="stable")]
    several = "mistakes, the most confident" if len(places) != 1 else "mistake, the most confident"
    st.caption(f"{formatting.thousands(len(places))} {several} first: {LEGEND}")
    gallery(session, seen, places, f"mistakes-{true}-{said}")


def _class(seen: EvaluatedRun, label: str, side: str) -> int:
    names = dict(enumerate(seen.data.classes))
    chosen: int = st.selectbox(
        label,
        [_ANY, *names],
        format_func=lambda one: names.get(one, "any class"),
        key=f"mistakes-{side}-{seen.data.choice}",
        persist_state="session",
        width=200,
    )
    return chosen
