"""Which image goes through the network, and what is done to it before."""

import numpy as np
import streamlit as st

from cnn.data.dataset import ChosenData
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.inspect import distortions, own_image, test_images
from cnn.ui.inspect.input_image import InputImage, original, subject
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session, SourceKind

_SOURCES: dict[SourceKind, str] = {
    "test image": "Test image",
    "drawing": "Draw",
    "picture": "Upload",
}


def image_choice(session: Session, run: Run, epoch: int, data: ChosenData) -> InputImage:
    """Choose, draw or bring an image, and distort it."""
    kind = widget("image-source", session.source.kind)

    def switch(chosen: SourceKind) -> None:
        session.source.kind = chosen

    st.segmented_control(
        "Image",
        list(_SOURCES),
        default=session.source.kind,
        required=True,
        format_func=_SOURCES.__getitem__,
        key=kind.key,
        on_change=kind.then(switch),
    )
    match session.source.kind:
        case "test image":
            test_images.chooser(session, run, epoch, data)
        case "drawing":
            own_image.draw(session, data)
        case "picture":
            own_image.upload(session, data)
    whole = original(session, data)
    distortions.panel(session, run, epoch, data, whole)
    return subject(whole, session.source.distortion)


def prediction(session: Session, look: InspectionView) -> None:
    """What the network takes the image for, and what was done to the image."""
    st.markdown(_prediction(look))
    with st.container():  # so that what comes after keeps its place, with or without a summary
        distortions.summary(session)


def _prediction(look: InspectionView) -> str:
    probabilities = look.probabilities(look.outputs)
    if not np.isfinite(probabilities).all():
        return "The network has no answer: its numbers are no longer numbers."
    predicted = int(probabilities.argmax())
    names = list(map(formatting.escaped, look.data.classes))
    answer = f"The network says **{names[predicted]}**, {formatting.percent(probabilities[predicted], 0)}"
    if look.subject.label is not None and look.subject.label != predicted:
        answer += f", and not {names[look.subject.label]}"
    return f"{answer}."
