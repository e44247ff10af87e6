import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.page import BUILD, page
from cnn.ui.train.panel import run_panel, settings_form, train_button

with page(
    "Train",
    "Let the network learn from the training images, and watch it improve from scratch.",
    about_run=True,
) as session:
    form, live = responsive_columns(1, 2)
    with form:
        st.markdown(
            f"**Network to train**  \n{formatting.network_name(session.network)}",
            help=formatting.network(session.network),
        )
        st.page_link(BUILD, label="Change the network", icon=":material/construction:")
        button = st.container()
        settings_form(session)
        with button:
            train_button(session)
    with live:
        run_panel(session)
