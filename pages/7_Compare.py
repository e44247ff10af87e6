import streamlit as st

from cnn.evaluation.comparison import ComparisonError, check_same_images
from cnn.ui import services, words
from cnn.ui.compare import beside, change, chosen, curves, decisions, differences
from cnn.ui.compare.shelf import shelf
from cnn.ui.page import page

SECTIONS = ["Curves and cost", "Decisions", "The same image"]

with page(
    "Compare",
    "Your runs on one shelf. **Tick two to six** to see what each choice changed, and what is luck.",
) as session:
    picked = chosen.chosen(session)
    chosen.to_address(session)
    shelf(session)
    runs = chosen.compared(session, picked)
    st.subheader("Would something else do better?", anchor=False)
    change.panel(session, chosen.compared(session, [services.SHIPPED_RUN, *reversed(session.runs)]))
    if len(runs) < 2:
        st.info("Tick one more run above to compare.", icon=":material/compare_arrows:")
    else:
        st.header(" and ".join(words.escaped(one.name) for one in runs), anchor=False)
        differences.panel(runs)
        data = [services.chosen(one.run.job.data) for one in runs]
        section = st.segmented_control(
            "Compare",
            SECTIONS,
            default=SECTIONS[0],
            required=True,
            key="compare-section",
            persist_state="session",
            label_visibility="collapsed",
        )
        try:
            check_same_images([words.escaped(one.name) for one in runs], data)
            refusal = ""
        except ComparisonError as error:
            refusal = str(error)
            st.warning(refusal, icon=":material/difference:")
        waiting = [one.name for one in runs if not one.run.kept]
        if section == SECTIONS[0]:
            curves.panel(lambda: chosen.compared(session, picked))
        elif waiting:
            st.info(
                f"{words.escaped(waiting[0])} has no epoch to look at yet.",
                icon=":material/hourglass:",
            )
        elif not refusal and section == SECTIONS[1]:
            decisions.panel(session, runs, data[0])
        elif not refusal:
            beside.panel(session, runs, data[0])
