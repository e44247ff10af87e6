"""Which image goes through the network, and what is done to it before."""

import streamlit as st

from cnn.data.dataset import ChosenData
from cnn.training.run import Run
from cnn.ui.inspect import distortions, own_image, test_images
from cnn.ui.inspect.look import Subject
from cnn.ui.inspect.subject import original, subject
from cnn.ui.session import Session, Source

_SOURCES: dict[Source, str] = {
    "test image": "Test image",
    "drawing": "Draw",
    "picture": "Your picture",
}


def image_choice(session: Session, run: Run, epoch: int, data: ChosenData) -> Subject:
    """Choose, draw or bring an image, and shift, turn, hide or roughen it; what comes of it."""
    key = "image-source"
    if st.session_state.get(key) != session.source:  # another part of the page may choose an image
        st.session_state[key] = session.source

    def switched() -> None:
        session.source = st.session_state[key]

    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.segmented_control(
        "Image",
        list(_SOURCES),
        required=True,
        format_func=_SOURCES.__getitem__,
        key=key,
        on_change=switched,
    )
    match session.source:
        case "test image":
            test_images.chooser(session, run, epoch, data, row)
        case "drawing":
            own_image.draw(session, data, row)
        case "picture":
            own_image.upload(session, data, row)
    whole = original(session, data)
    distortions.panel(session, run, epoch, data, whole)
    return subject(whole, session.distortion)
