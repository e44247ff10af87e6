import streamlit as st

from cnn.ui import home_panel
from cnn.ui.page import BUILD, DATA, INSPECT, TRAIN, page

WAYS = {
    DATA: ("Data", "See the images as numbers, choose classes, bring your own."),
    BUILD: ("Build", "Change filters, kernels, pooling, activations; shapes and costs follow."),
    TRAIN: ("Train", "Watch loss, accuracy, kernels and maps as the network learns."),
    INSPECT: ("Inspect", "Every number of every layer, for any image, at any epoch."),
}

with page(
    "CNN Playground",
    "Build a convolutional neural network, train it, and look inside until no number is a mystery.",
) as session:
    for column, (target, (label, sentence)) in zip(
        st.columns(len(WAYS)), WAYS.items(), strict=True
    ):
        with column.container(border=True, height="stretch"):
            st.page_link(target, label=f"**{label}**", icon=":material/arrow_forward:")
            st.caption(sentence)
    home_panel.garment(session)
