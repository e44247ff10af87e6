"""The network at work: which epoch, on which scale, and the view itself."""

import streamlit as st

from cnn.training.run import Run
from cnn.ui.components.network_view import Scale, message, network_view
from cnn.ui.inspect.look import Look
from cnn.ui.session import Session

_SCALES: dict[Scale, str] = {"map": "Each map", "layer": "Each layer", "network": "Whole network"}


def epoch_slider(session: Session, run: Run) -> int:
    """Choose one of the epochs whose weights were kept; the last one by default."""
    kept = list(run.kept)
    if session.epoch is not None and session.epoch not in kept:
        nearest = min(kept, key=lambda epoch: abs(epoch - (session.epoch or 0)))
        st.warning(
            f"The weights of epoch {session.epoch} of this run were not kept; epoch {nearest} is shown."
        )
        session.epoch = nearest
    epoch = kept[-1] if session.epoch is None else session.epoch
    # A slider left at the last epoch moves on with a run that still trains.
    key = f"epoch-{run.id}-{kept[-1] if session.epoch is None else 'chosen'}"

    def moved() -> None:
        session.epoch = st.session_state[key]

    if len(kept) > 1:
        st.select_slider(
            "Epoch", kept, epoch, key=key, on_change=moved, help="0 is the untrained network."
        )
    return epoch


def scale_choice() -> Scale:
    """Choose over how much one colour scale reaches."""
    scale: Scale = st.segmented_control(
        "Colour scale over",
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


def inside(session: Session, look: Look, scale: Scale) -> None:
    """Every layer's values for the chosen image."""
    subject = look.subject
    drawn = message(
        look.plan, look.weights, subject.pixels, look.data.classes, subject.label, scale
    )
    st.markdown(f"**{subject.name}** through the network as it was after epoch {look.epoch}")
    network_view(drawn, key="network")
