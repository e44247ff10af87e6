"""The network at work: which epoch, on which scale, which number, and the view itself."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection import worker_tasks
from cnn.inspection.units import IMAGE
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.waiting import wait_for
from cnn.ui.components.network_message import Keras, Picture, Scale
from cnn.ui.components.network_view import ViewCallbacks, filmed, network_view, timeline
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import services
from cnn.ui.state.session import Session

_SCALES: dict[Scale, str] = {"map": "Each map", "layer": "Each layer", "network": "Whole network"}
_FILM = "film-wanted"


def chosen_epoch(session: Session, run: Run) -> int:
    """The epoch to show: the last one kept, or the one that the visitor has chosen."""
    if session.viewed.epoch is not None and session.viewed.epoch not in run.kept:
        nearest = min(run.kept, key=lambda epoch: abs(epoch - (session.viewed.epoch or 0)))
        st.warning(
            f"The weights of epoch {session.viewed.epoch} of this run were not kept; epoch {nearest} is shown."
        )
        session.viewed.epoch = nearest
    return run.kept[-1] if session.viewed.epoch is None else session.viewed.epoch


def _scale_choice() -> Scale:
    """Choose over how much one color scale reaches."""
    scale: Scale = st.segmented_control(
        "Color scale over",
        list(_SCALES),
        default="layer",
        required=True,
        format_func=_SCALES.__getitem__,
        key="scale",
        persist_state="session",
        help="Blue is positive, orange negative, neutral exactly 0. A scale of its own makes even a "
        "weak map look strong.",
    )
    return scale


def inside(session: Session, view: InspectionView) -> None:
    """Every layer's values for the chosen image, and the arithmetic of the chosen number."""
    subject = view.subject
    changed = ", with your changes" if view.edits else ""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    ):
        st.markdown(
            f"**{formatting.escaped(subject.name)}** through the network as it was after epoch {view.epoch}{changed}",
            width="content",
        )
        scale = _scale_choice()
    picture = Picture(
        view.plan,
        view.weights,
        subject.pixels,
        view.data.classes,
        subject.label,
        scale,
        view.unit,
        view.edits,
        timeline(view.run, view.epoch),
        _film(view) if st.session_state.get(_FILM) else {},
        _keras(view),
        outputs=view.outputs,
    )
    network_view(picture, "network", _wishes(session))
    st.session_state[_FILM] = False  # not before it is on its way
    with st.container():  # always there, so that what follows keeps its place
        _ask_keras(view)


def _wishes(session: Session) -> ViewCallbacks:
    def select(unit: str) -> None:
        session.viewed.unit = unit

    def show(epoch: int) -> None:
        session.viewed.epoch = epoch

    def want_film() -> None:
        st.session_state[_FILM] = True

    return ViewCallbacks(select, show, want_film)


def _film(view: InspectionView) -> dict[int, NDArray[np.float32]]:
    """The weights of the epochs that the browser is given, with the edits of the view; none if only one fits."""
    epochs = filmed(view.run)
    if len(epochs) < 2:
        return {}
    return {record: services.edited_weights(view.run, record, view.edits) for record in epochs}


def _keras(view: InspectionView) -> Keras:
    """What Keras has answered until now for the layer of the chosen number."""
    if view.unit is None:
        return Keras()
    layer = view.unit.layer
    answer = services.asked((*view.key, layer), worker_tasks.layer_values)
    if answer is None or not answer.done() or answer.cancelled():
        return Keras()
    if error := answer.exception():
        return Keras(fault=f"Keras could not be asked: {error}")
    return Keras({layer: answer.result()})


def _ask_keras(view: InspectionView) -> None:
    """Ask it for the chosen number's layer, once that is drawn, which is not to wait for it."""
    if view.unit is None or view.unit.layer == IMAGE:
        return
    arguments = view.plan, view.weights, view.subject.pixels, view.unit.layer
    key = (*view.key, view.unit.layer)
    answer = services.ask("Keras", key, worker_tasks.layer_values, *arguments)
    if not answer.done():
        wait_for(answer)
