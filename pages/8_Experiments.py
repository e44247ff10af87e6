import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.common.page import page
from cnn.ui.experiments import naming
from cnn.ui.experiments.form import NEW, choice, form
from cnn.ui.experiments.results import progress, results
from cnn.ui.state import services

with page(
    "Experiments",
    "Real improvement or luck? **Vary settings, train each with several seeds**, and see what can be"
    " concluded.",
) as session:
    name = choice(session)
    if name == NEW:
        form(session)
    else:
        standing = services.experiment_runner().standing(name)
        record = standing.record
        st.subheader(record.title, anchor=False)
        base = record.experiment.base
        st.caption(f"{naming.base(base)}; {naming.images(services.chosen(base.data))}.")
        for refused in standing.impossible:
            st.warning(
                f"Left out: {naming.levels(record.experiment, refused.levels)}. {formatting.escaped(refused.why)}",
                icon=":material/block:",
            )
        progress(session, standing)
        results(session, standing)
