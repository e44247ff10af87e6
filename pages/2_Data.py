import streamlit as st

from cnn.ui import data_panel, services, words
from cnn.ui.layout import responsive_columns
from cnn.ui.page import page

with page(
    "Data",
    "See every image as the network does, as numbers, and decide which it learns from "
    "and which it is tested on.",
) as session:
    controls, pictures = responsive_columns(1, 2)
    with controls:
        data_panel.source_controls(session)
        data_panel.split_controls(session)
        data = services.chosen(session.data)
        st.markdown(
            f"**{words.thousands(len(data.train))}** images to train on,"
            f" **{words.thousands(len(data.test))}** to test on, in **{len(data.classes)}** classes."
        )
        data_panel.counts(data)
        st.caption(data.dataset.credit)
    with pictures:
        data_panel.enlarged(session, data)
        st.subheader("All images", anchor=False)
        data_panel.gallery(session, data)
