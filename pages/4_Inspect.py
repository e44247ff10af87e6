import streamlit as st

from cnn.ui import inspect_panel, services, words
from cnn.ui.page import TRAIN, chosen_run, page

with page(
    "Inspect",
    "Choose an image and see every number the network computes for it, layer by layer.",
) as session:
    run = chosen_run(session)
    if not run.kept:
        st.info("This run has no epoch to look into yet.", icon=":material/hourglass:")
        st.page_link(TRAIN, label="See how it goes", icon=":material/show_chart:")
    else:
        data = services.chosen(run.job.data)
        st.caption(f"{words.network(run.job.network)} · {data.dataset.name}")
        left, right = st.columns([1.5, 1], gap="large", vertical_alignment="bottom")
        with left:
            epoch = inspect_panel.epoch_slider(session, run)
        with right:
            scale = inspect_panel.scale_choice()
        inspect_panel.chooser(session, run, epoch, data)
        inspect_panel.upload(data)
        inspect_panel.inside(session, run, epoch, data, scale)
