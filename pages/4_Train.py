import streamlit as st

from cnn.ui import words
from cnn.ui.layout import responsive_columns
from cnn.ui.page import BUILD, page
from cnn.ui.run_panel import run_panel
from cnn.ui.train_form import settings_form, train_button

with page(
    "Train",
    "Let the network learn from the training images, and watch it from the untrained start on.",
) as session:
    form, live = responsive_columns(1, 2)
    below = st.container()
    with form:
        st.markdown(f"**To be trained**  \n{words.network(session.network)}")
        st.page_link(BUILD, label="Change the network", icon=":material/construction:")
        button = st.container()
        settings_form(session)
        with button:
            train_button(session)
    with live:
        run_panel(session, below)
