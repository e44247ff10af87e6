import streamlit as st

from cnn.ui.build.editor import editor
from cnn.ui.build.overview import answers
from cnn.ui.common.page import TRAIN, page
from cnn.ui.state import services

with page(
    "Build",
    "Design the network layer by layer; its shapes, its costs and its Keras code follow at once.",
) as session:
    form, told = st.columns([1, 1.7], gap="medium")
    with form:
        editor(session)
    with told:
        if answers(session, services.chosen(session.data)):
            st.page_link(TRAIN, label="Train this network", icon=":material/show_chart:")
