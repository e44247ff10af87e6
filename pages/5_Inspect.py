import streamlit as st

from cnn.ui.common.page import TRAIN, chosen_run, page
from cnn.ui.inspect.changes import changes
from cnn.ui.inspect.explanation import explanation
from cnn.ui.inspect.image_choice import image_choice, prediction
from cnn.ui.inspect.preferences import preferences
from cnn.ui.inspect.view import chosen_epoch, inside, view
from cnn.ui.state import services

SECTIONS = {
    "What does it look for?": preferences,
    "Why this class?": explanation,
    "Change the network": changes,
}

with page(
    "Inspect",
    "**Click any cell** to see the arithmetic that made it. Choose an image on the left; drag the "
    "slider to rewind training.",
    about_run=True,
) as session:
    run = chosen_run(session)
    if not run.kept:
        st.info("This run has not finished an epoch yet.", icon=":material/hourglass:")
        st.page_link(TRAIN, label="Watch it train", icon=":material/show_chart:")
    else:
        way_down = st.container()
        epoch = chosen_epoch(session, run)
        with st.sidebar:
            image = image_choice(session, run, epoch, services.chosen(run.job.data))
            inspected = view(session, run, epoch, image)
            prediction(session, inspected)
        section = st.segmented_control(
            "Ask the network",
            list(SECTIONS),
            key="inspect-section",
            persist_state="session",
            label_visibility="collapsed",
        )
        inside(session, inspected, folded=bool(section))
        if section:
            way_down.markdown(f":material/arrow_downward: [{section}](#ask) is below the network.")
            st.subheader(section, anchor="ask")
            SECTIONS[section](session, inspected)
