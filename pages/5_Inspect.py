import streamlit as st

from cnn.ui.common.page import TRAIN, chosen_run, page
from cnn.ui.components.network_view import headline
from cnn.ui.inspect.changes import changes
from cnn.ui.inspect.distortions import changed, distortions, reset
from cnn.ui.inspect.explanation import explanation
from cnn.ui.inspect.image_choice import image_choice
from cnn.ui.inspect.preferences import preferences
from cnn.ui.inspect.view import chosen_epoch, color_scale, inside, view
from cnn.ui.state import services

SECTIONS = {
    "What does it look for?": preferences,
    "Why this class?": explanation,
    "Change the image": distortions,
    "Change the network": changes,
}

with page(
    "Inspect",
    "**Click any cell** to see the arithmetic that made it. Drag the slider to rewind training.",
    about_run=True,
) as session:
    run = chosen_run(session)
    if not run.kept:
        st.info("This run has not finished an epoch yet.", icon=":material/hourglass:")
        st.page_link(TRAIN, label="Watch it train", icon=":material/show_chart:")
    else:
        epoch = chosen_epoch(session, run)
        image, row, room = image_choice(session, run, epoch, services.chosen(run.job.data))
        with row.popover("Colors", icon=":material/palette:"):
            scale = color_scale()
        inspected = view(session, run, epoch, changed(image, session.source.distortion))
        with room:
            with st.container(
                horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
            ):
                headline("headline")
                reset(session)
                section = st.pills(
                    "Ask the network",
                    list(SECTIONS),
                    key="inspect-section",
                    persist_state="session",
                    label_visibility="collapsed",
                    wrap=True,
                )
            inside(session, inspected, scale)
        if section:
            st.header(section, anchor="ask")
            st.caption(f"The network after epoch {epoch}.")
            SECTIONS[section](session, inspected)
