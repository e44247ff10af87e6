import streamlit as st

from cnn.ui.common.page import chosen_run, page
from cnn.ui.train.panel import next_training, run_panel

with page(
    "Train",
    "Let the network learn from the training images, and watch it improve from scratch.",
    about_run=True,
) as session:
    under_way = chosen_run(session).live
    if not under_way:
        next_training(session)
    run_panel(session)
    if under_way:  # what is to be watched comes first, whole
        with st.expander("Set up another training", icon=":material/tune:"):
            next_training(session)
