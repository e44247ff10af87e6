import streamlit as st

from cnn.evaluation.comparison import ComparisonError, check_same_images
from cnn.ui.common import formatting
from cnn.ui.common.choices import choice
from cnn.ui.common.notices import show_warning
from cnn.ui.common.page import page
from cnn.ui.compare import curves, decisions, differences, side_by_side
from cnn.ui.compare.change import change_panel
from cnn.ui.compare.report import offer_comparison
from cnn.ui.compare.run_library import Compared, chosen, compared, run_list, with_images
from cnn.ui.state import services, url
from cnn.ui.state.session import Session

SECTIONS = CURVES, DECISIONS, IMAGE = "Curves and cost", "Decisions", "The same image"


def comparison(session: Session, runs: list[Compared]) -> None:
    st.header(formatting.listed([named.label for named in runs]), anchor=False)
    differences.panel(runs)
    report = st.container()
    section = choice("Compare", SECTIONS, "compare-section", labeled=False)
    data = [services.chosen(named.run.job.data) for named in runs]
    comparable = True
    try:
        check_same_images([named.name for named in runs], data)
    except ComparisonError as error:
        comparable = False
        show_warning(error, "difference")
    with report:
        offer_comparison(session, runs, comparable)
    waiting = [named.label for named in runs if not named.run.kept]
    if section == CURVES:
        ids = [named.run.id for named in runs]
        curves.panel(lambda: [named for named in watched(session) if named.run.id in ids])
    elif waiting:
        st.info(f"{waiting[0]} has not finished an epoch yet.", icon=":material/hourglass:")
    elif comparable and section == DECISIONS:
        decisions.panel(session, runs, data[0])
    elif comparable:
        side_by_side.panel(session, runs, data[0])


def watched(session: Session) -> list[Compared]:
    services.engine().present(session.person)
    return compared(session, chosen(session))


with page(
    "Runs",
    "Compare your runs. **Tick two to six** to see what each choice changed, and what is luck.",
) as session:
    runs = watched(session)
    url.to_browser(compared=session.own_runs.compared or None)
    run_list(session)
    runs = with_images(runs)
    if len(runs) > 1:
        comparison(session, runs)
    elif session.own_runs.ids:  # without any, the list says where another run comes from
        more = "one more run" if runs else "two runs"
        st.info(f"Tick {more} above to compare.", icon=":material/compare_arrows:")
    st.header("Would something else do better?", anchor=False)
    change_panel(session)
