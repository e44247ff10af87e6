"""What the Build page says of a network before any training: volumes, costs, code, repairs."""

import pandas as pd
import streamlit as st

from cnn.data.split import ChosenData
from cnn.network.layers import Dense
from cnn.network.plan import Plan, plan
from cnn.network.repairs import repairs
from cnn.network.spec import NetworkError
from cnn.training.job import Job
from cnn.training.scheduling.limits import training_bytes
from cnn.training.script import notebook, script
from cnn.ui.common import formatting
from cnn.ui.common.notices import show_error
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import wait_for_speed
from cnn.ui.components.volumes import volumes
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)
_FLOAT = 4
"""Bytes of a number."""


def answers(session: Session, data: ChosenData) -> bool:
    """Everything about the network being built, or repairs; returns whether it can be built."""
    try:
        unrolled = plan(session.network, data.image_shape, len(data.classes))
    except NetworkError as error:
        show_error(error)
        _repairs(session, data)
        return False
    _costs(session, unrolled, data)
    volumes(unrolled)
    _TEXT.caption("volumes")
    shape_tab, code_tab = st.tabs(["Layers", "Keras code"])
    with shape_tab:
        layer_table(unrolled)
    with code_tab:
        _TEXT.show("code")
        text = script(Job(session.network, session.data, session.settings), data)
        downloads(text)
        st.code(text, language="python", height=560, wrap_lines=True)
    return True


def _repairs(session: Session, data: ChosenData) -> None:
    st.markdown("Fix it with one click:")
    icon, change = ":material/build:", session.change_network
    with st.container(horizontal=True):
        for repair in repairs(session.network, data.image_shape, len(data.classes)):
            st.button(repair.label, icon=icon, on_click=change, args=(repair.network,))


def _costs(session: Session, unrolled: Plan, data: ChosenData) -> None:
    estimate = services.seconds_per_epoch(unrolled, len(data.train), session.settings.batch_size)
    services.engine().expect()
    batch, available = session.settings.batch_size, services.engine().worker_memory
    memory = training_bytes(unrolled, len(data.train) + len(data.test), batch)
    metrics = {
        "Parameters": formatting.thousands(unrolled.parameters),
        "Multiply-accumulates": formatting.thousands(unrolled.multiply_accumulates),
        "Memory to train": f"≈ {formatting.memory(memory)}",
        "One epoch": f"≈ {estimate:.1f} s" if estimate else "…",
    }
    with st.container(horizontal=True, gap="medium"):
        for label, value in metrics.items():
            st.metric(label, value, width="content", help=_TEXT.help(label))
    if memory > available:
        limit = formatting.memory(available)
        st.warning(_TEXT.text("too large", limit=limit, batch=batch), icon=":material/memory:")
    if estimate is None:
        wait_for_speed()
    heaviest = max(unrolled.layers, key=lambda layer: layer.parameters)
    share = heaviest.parameters / unrolled.parameters
    if share > 0.5 and isinstance(heaviest.operation, Dense):
        [units], [inputs] = heaviest.output_shape, heaviest.input_shape
        layer = formatting.layer_title(heaviest)
        _TEXT.caption("heaviest", share=share, layer=layer, units=units, inputs=inputs)


def layer_table(unrolled: Plan) -> None:
    """Every layer with its output shape and what it costs, and the totals."""
    rows = [
        {
            "layer": formatting.layer_title(layer),
            "output": formatting.shape(layer.output_shape),
            "parameters": layer.parameters,
            "share": layer.parameters / unrolled.parameters,
            "multiply-adds": layer.multiply_accumulates,
            "sees": f"{seen.size} × {seen.size}" if (seen := layer.receptive_field) else "all",
            "memory": formatting.memory(_FLOAT * (layer.parameters + layer.outputs)),
        }
        for layer in unrolled.layers
    ]
    # A table and not a data frame, which cuts its last columns off where there is little room.
    counts = pd.DataFrame(rows).style.format("{:,}", ["parameters", "multiply-adds"])
    st.table(counts.format("{:.2%}", ["share"]), hide_index=True)
    _TEXT.show("total", plan=unrolled)


def downloads(text: str) -> None:
    """Buttons for a script and for the notebook that is the same."""
    files = (
        ("Python script", text, "cnn.py", "text/x-python"),
        ("Jupyter notebook", notebook(text), "cnn.ipynb", "application/x-ipynb+json"),
    )
    with st.container(horizontal=True):
        for file in files:
            st.download_button(*file, on_click="ignore", icon=":material/download:")
