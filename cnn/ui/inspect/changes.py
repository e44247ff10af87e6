"""Kernels edited, filters switched off, training on from there; `changes.md` has the text."""

from functools import partial

import streamlit as st

from cnn.inspection.edits import Edits
from cnn.network.layers import Convolution, Layer
from cnn.training.job import EPOCHS, Phase
from cnn.ui.common import formatting
from cnn.ui.common.choices import choice
from cnn.ui.common.live_run import follow, learning_rate, refusal
from cnn.ui.common.page import TRAIN
from cnn.ui.common.prose import read_sections
from cnn.ui.inspect.effect import effect, filter_ranking
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import requests, services
from cnn.ui.state.browser_echo import while_shown, widget
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)
_PARTS = {"kernel": "Edit a kernel", "switch": "Switch filters off", "rank": "Rank filters"}
_FEW_EPOCHS = 5


def changes(session: Session, view: InspectionView) -> None:
    """Edit kernels, switch filters off, rank them, and train on from the changed network."""
    convolutions = [layer for layer in view.plan.layers if isinstance(layer.operation, Convolution)]
    if not convolutions:
        st.info(_TEXT.text("no convolution"), icon=":material/grid_off:")
        return
    _TEXT.show("about")
    effect(view)
    if view.edits:
        if st.button("Undo all changes", icon=":material/undo:"):
            session.viewed.edits = Edits()
            st.rerun()
        with st.expander("Train on from the changed network", icon=":material/forward:"):
            _train_on(session, view)
    match choice("Change", _PARTS, "changes-part", labeled=False):
        case "kernel":
            _choose_filter(session, view, convolutions)
        case "switch":
            _TEXT.show("switch")
            for layer in convolutions:
                _switches(session, view, layer)
        case "rank":
            filter_ranking(session, view)


def _switches(session: Session, view: InspectionView, layer: Layer) -> None:
    filters = range(layer.output_shape[2])
    key = f"filters-on-{view.run.id}-{layer.name}"

    def switch() -> None:
        for number in filters:
            off = number not in st.session_state[key]
            session.viewed.edits = session.viewed.edits.switched(layer.name, number, off)

    # The edits decide, for filters are switched in the ranking, too.
    all_off = session.viewed.edits.off
    st.session_state[key] = [number for number in filters if (layer.name, number) not in all_off]
    st.pills(
        f"{formatting.layer_title(layer)}: filters that are on",
        filters,
        selection_mode="multi",
        format_func=lambda number: str(number + 1),
        key=key,
        on_change=while_shown(key, key, switch),
    )


def _train_on(session: Session, view: InspectionView) -> None:
    _TEXT.show("train on", epoch=view.epoch)
    if view.edits.off:
        _TEXT.caption("train on/off")
    settings, key = view.run.job.settings, f"edited-epochs-{view.run.id}"
    low, high = int(EPOCHS.low), int(EPOCHS.high)
    with st.container(horizontal=True):
        epochs = st.number_input("Epochs", low, high, _FEW_EPOCHS, key=key, width=140)
        present = settings.learning_rate(max(1, view.epoch))
        rate = learning_rate(
            "Learning rate", present, key=f"edited-rate-{view.run.id}-{view.epoch}"
        )
    seconds = services.seconds_per_epoch(view.plan, len(view.data.train), settings.batch_size)
    if seconds is not None:
        st.caption(f"One epoch takes {formatting.seconds(seconds)} here.")
    asked = session, view.run, view.epoch, view.weights, Phase(epochs, rate)
    # Not a callback: that would run before a number typed just now is read.
    if st.button("Train on from here", type="primary", icon=":material/play_arrow:"):
        follow(session, partial(requests.train_edited, *asked))
        if not refusal(session):
            st.switch_page(TRAIN)


def _choose_filter(session: Session, view: InspectionView, convolutions: list[Layer]) -> None:
    """Choose the filter whose kernels the network view then shows to be edited."""
    _TEXT.show("kernel")
    filters = {
        f"{layer.name}-map{number + 1}": f"{formatting.layer_title(layer)}, filter {number + 1}"
        for layer in convolutions
        for number in range(layer.output_shape[2])
    }
    chosen = session.viewed.unit if session.viewed.unit in filters else None
    box = widget("filter-to-edit", chosen)
    st.selectbox(
        "Filter to edit",
        list(filters),
        index=None if chosen is None else list(filters).index(chosen),
        format_func=filters.__getitem__,
        placeholder="Choose a filter",
        key=box.key,
        on_change=box.then(lambda unit: setattr(session.viewed, "unit", unit)),
        width=280,
    )
    if view.unit is not None and (view.unit.layer, view.unit.channel) in view.edits.off:
        st.info(_TEXT.text("off"))
