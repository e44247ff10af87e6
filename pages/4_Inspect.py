import streamlit as st

from cnn.ui import services, words
from cnn.ui.inspect import network
from cnn.ui.inspect.image_choice import image_choice
from cnn.ui.inspect.look import look
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
        epoch = network.chosen_epoch(session, run)
        chosen = image_choice(session, run, epoch, data)
        network.inside(session, look(session, run, epoch, chosen), network.scale_choice())
