"""Two to six runs beside each other: what they were given, how they went, where they disagree."""

from collections.abc import Sequence

import streamlit as st

from cnn.data.dataset import DataError
from cnn.data.split import ChosenData
from cnn.evaluation.comparison import ComparisonError, check_same_images
from cnn.ui.common import formatting
from cnn.ui.compare import curves, decisions, differences, side_by_side
from cnn.ui.compare.report import offer_comparison
from cnn.ui.compare.run_library import Compared, compared
from cnn.ui.state import services
from cnn.ui.state.session import Session

_CURVES, _DECISIONS, _IMAGE = "Curves and cost", "Decisions", "The same image"


def comparison(session: Session, picked: Sequence[str]) -> None:
    """Everything about the picked runs, one part of it at a time."""

    def watched() -> list[Compared]:
        for run_id in picked:
            services.engine().run(run_id, session.token)  # who watches a run keeps it going
        return compared(session, picked)

    runs, data = _with_images(watched())
    if not session.own_runs.ids:
        return  # the list above says where another run comes from
    if len(runs) < 2:
        more = "one more run" if runs else "two runs"
        st.info(f"Tick {more} above to compare.", icon=":material/compare_arrows:")
        return
    names = [formatting.escaped(run.name) for run in runs]
    st.header(f"{', '.join(names[:-1])} and {names[-1]}", anchor=False)
    differences.panel(runs)
    report = st.container()
    section = st.segmented_control(
        "Compare",
        [_CURVES, _DECISIONS, _IMAGE],
        default=_CURVES,
        required=True,
        key="compare-section",
        persist_state="session",
        label_visibility="collapsed",
    )
    try:
        check_same_images([named.name for named in runs], data)
        comparable = True
    except ComparisonError as error:
        comparable = False
        st.warning(formatting.escaped(str(error)), icon=":material/difference:")
    with report:
        offer_comparison(session, runs, comparable)
    waiting = [name for name, named in zip(names, runs, strict=True) if not named.run.kept]
    if section == _CURVES:
        ids = [named.run.id for named in runs]
        curves.panel(lambda: [named for named in watched() if named.run.id in ids])
    elif waiting:
        st.info(f"{waiting[0]} has no epoch to look at yet.", icon=":material/hourglass:")
    elif comparable and section == _DECISIONS:
        decisions.panel(session, runs, data[0])
    elif comparable:
        side_by_side.panel(session, runs, data[0])


def _with_images(runs: Sequence[Compared]) -> tuple[list[Compared], list[ChosenData]]:
    """The runs whose images are on this server, and the images; of the others a sentence."""
    here, data = [], []
    for named in runs:
        try:
            data.append(services.chosen(named.run.job.data))
            here.append(named)
        except DataError as error:
            name = formatting.escaped(named.name)
            st.warning(f"{name} is left out. {error}", icon=":material/hide_image:")
    return here, data
