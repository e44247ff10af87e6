import streamlit as st

from cnn.ui.build.editor import editor
from cnn.ui.build.overview import answers
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.page import TRAIN, page
from cnn.ui.common.workshop_frame import show_not_allowed
from cnn.ui.state import services

with page(
    "Network",
    "Design the network layer by layer; see size, cost and code update.",
) as session:
    show_not_allowed(session)
    form, overview = responsive_columns(1, 2)
    with form:
        editor(session)
    with overview:
        if answers(session, services.chosen(session.data)):
            st.page_link(TRAIN, label="Train this network", icon=":material/show_chart:")
