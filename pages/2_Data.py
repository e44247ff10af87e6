import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.page import page
from cnn.ui.data import panel
from cnn.ui.state import services

with page(
    "Data",
    "See every image as the network does, as numbers, and decide which it learns from "
    "and which it is tested on.",
) as session:
    controls, pictures = responsive_columns(1, 2)
    with controls:
        panel.source_controls(session)
        panel.split_controls(session)
        data = services.chosen(session.data)
        st.markdown(
            f"**{formatting.thousands(len(data.train))}** images to train on,"
            f" **{formatting.thousands(len(data.test))}** to test on, in **{len(data.classes)}** classes."
        )
        panel.counts(data)
        panel.credit(data.dataset)
    with pictures:
        panel.enlarged(session, data)
        st.header("All images", anchor=False)
        panel.gallery(session, data)
