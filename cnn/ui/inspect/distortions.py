"""Sliders that change the image that is looked at."""

from dataclasses import replace

import streamlit as st

from cnn.data.dataset import ChosenData
from cnn.inspection.distortion import Distortion, amounts
from cnn.training.run import Run
from cnn.ui.inspect.flips import flips
from cnn.ui.inspect.look import Subject
from cnn.ui.inspect.subject import in_words
from cnn.ui.session import Session


def panel(session: Session, run: Run, epoch: int, data: ChosenData, whole: Subject) -> None:
    """The sliders, what they do now with one click to undo it, and the flips for `whole`."""
    opened = st.expander(
        "Shift, turn, hide, add noise",
        icon=":material/transform:",
        key="distortions",
        on_change="rerun",
    )
    with opened:
        left, right = st.columns([1, 1.15], gap="large")
        with left:
            _sliders(session, data.image_shape[0])
        with right:
            if opened.open:
                flips(session, run, epoch, data, whole)
    if not session.distortion.nothing:
        with st.container(horizontal=True, vertical_alignment="center"):
            done = in_words(session.distortion)
            st.markdown(f":material/transform: The image is {done}.", width="content")

            def undo() -> None:
                session.distortion = Distortion()

            st.button("As it was", icon=":material/undo:", on_click=undo, key="distortion-undo")


def _sliders(session: Session, side: int) -> None:
    rows = [
        [
            ("shift_right", "Shift right", "In pixels; negative: to the left."),
            ("shift_down", "Shift down", "In pixels; negative: up."),
        ],
        [
            ("angle", "Turn", "Degrees, counter-clockwise; negative: clockwise."),
            ("noise", "Noise", "Standard deviation; 1 is the full range of brightness."),
        ],
        [
            ("hidden_side", "Hide a square", "Its side in pixels; 0 hides nothing."),
            ("hidden_right", "Its place right", "Pixels right of the image's middle."),
            ("hidden_down", "Its place down", "Pixels below the image's middle."),
        ],
    ]
    for row in rows:
        for column, (field, label, tip) in zip(st.columns(len(row)), row, strict=True):
            with column:
                _slider(session, side, field, label, tip)
    if session.distortion.noise:

        def other_noise() -> None:
            seed = session.distortion.noise_seed + 1
            session.distortion = replace(session.distortion, noise_seed=seed)

        st.button("Other noise", icon=":material/casino:", on_click=other_noise)


def _slider(session: Session, side: int, field: str, label: str, tip: str) -> None:
    allowed = amounts(field, side)
    wanted = getattr(session.distortion, field)
    value = min(allowed, key=lambda amount: abs(amount - wanted))  # images may be smaller now
    if value != wanted:
        session.distortion = session.distortion.with_amount(field, value)
    key = f"distortion-{field}-{side}"
    if st.session_state.get(key) != value:
        st.session_state[key] = value

    def moved() -> None:
        session.distortion = session.distortion.with_amount(field, st.session_state[key])

    step = allowed[1] - allowed[0]
    st.slider(label, allowed[0], allowed[-1], step=step, key=key, on_change=moved, help=tip)
