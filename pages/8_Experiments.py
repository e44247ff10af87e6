import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.common.page import page
from cnn.ui.experiments import naming
from cnn.ui.experiments.form import NEW, choice, form, left_out
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
        status = services.experiment_runner().status(name)
        record = status.record
        base = record.experiment.base
        st.header(formatting.escaped(record.title), anchor=False)
        st.caption(naming.base(base, services.chosen(base.data)))
        left_out(record.experiment, status.impossible)
        progress(session, status)
        results(session, status)
