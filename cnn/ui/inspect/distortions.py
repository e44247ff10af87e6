"""Sliders that change the image that is looked at."""

from dataclasses import replace

import streamlit as st

from cnn.data.dataset import ChosenData
from cnn.inspection.image.distortion import Distortion, amounts
from cnn.training.run import Run
from cnn.ui.inspect.decision_changes import KINDS, flips
from cnn.ui.inspect.input_image import InputImage, in_words
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session


def panel(session: Session, run: Run, epoch: int, data: ChosenData, whole: InputImage) -> None:
    """One slider at a time, and where on its way the decision on `whole` flips."""
    opened = st.expander(
        "Shift, turn, hide, add noise",
        icon=":material/transform:",
        key="distortions",
        on_change="rerun",
    )
    with opened:
        name = st.pills(
            "What changes",
            [kind.name for kind in KINDS],
            default=KINDS[0].name,
            required=True,
            key="distortion-kind",
            persist_state="session",
            label_visibility="collapsed",
        )
        kind = next(kind for kind in KINDS if kind.name == name)
        side = data.image_shape[0]
        _slider(session, side, kind.field, kind.axis.capitalize())
        if kind.field == "hidden_side":
            _slider(session, side, "hidden_right", "Pixels right of the image's middle")
            _slider(session, side, "hidden_down", "Pixels below the image's middle")
        if kind.field == "noise":
            st.button(
                "Other noise", icon=":material/casino:", on_click=_other_noise, args=(session,)
            )
        if opened.open:
            flips(session, run, epoch, data, whole, kind)


def summary(session: Session) -> None:
    """What is done to the image, if anything is, and one click to undo it."""
    if session.source.distortion.nothing:
        return
    st.markdown(f":material/transform: The image is {in_words(session.source.distortion)}.")
    st.button("As it was", icon=":material/undo:", on_click=_undo, args=(session,))


def _undo(session: Session) -> None:
    session.source.distortion = Distortion()


def _other_noise(session: Session) -> None:
    seed = session.source.distortion.noise_seed + 1
    session.source.distortion = replace(session.source.distortion, noise_seed=seed)


def _slider(session: Session, side: int, field: str, label: str) -> None:
    allowed = amounts(field, side)
    wanted = getattr(session.source.distortion, field)
    value = min(allowed, key=lambda amount: abs(amount - wanted))  # images may be smaller now
    if value != wanted:
        session.source.distortion = session.source.distortion.with_amount(field, value)
    slider = widget(f"distortion-{field}-{side}", value)

    def move(amount: float) -> None:
        session.source.distortion = session.source.distortion.with_amount(field, amount)

    step = allowed[1] - allowed[0]
    st.slider(
        label,
        allowed[0],
        allowed[-1],
        value,
        step=step,
        key=slider.key,
        on_change=slider.then(move),
    )
