"""Which image goes through the network, and what is done to it before."""

import numpy as np
import streamlit as st

from cnn.data.dataset import ChosenData
from cnn.inspection.forward import probabilities
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.inspect import distortions, own_image, test_images
from cnn.ui.inspect.input_image import original, subject
from cnn.ui.inspect.view import InputImage
from cnn.ui.state import services
from cnn.ui.state.ignore_stale_widget import heard
from cnn.ui.state.session import Session, Source

_SOURCES: dict[Source, str] = {
    "test image": "Test image",
    "drawing": "Draw",
    "picture": "Upload",
}


def image_choice(session: Session, run: Run, epoch: int, data: ChosenData) -> InputImage:
    """Choose, draw or bring an image and distort it; says at once what the network takes it for."""
    key = f"image-source-{session.image_generation}"

    def switched() -> None:
        session.source = st.session_state[key]

    st.segmented_control(
        "Image",
        list(_SOURCES),
        default=session.source,
        required=True,
        format_func=_SOURCES.__getitem__,
        key=key,
        on_change=heard("image-source", key, switched),
    )
    match session.source:
        case "test image":
            test_images.chooser(session, run, epoch, data)
        case "drawing":
            own_image.draw(session, data)
        case "picture":
            own_image.upload(session, data)
    whole = original(session, data)
    distortions.panel(session, run, epoch, data, whole)
    chosen = subject(whole, session.distortion)
    st.markdown(_answer(session, run, epoch, data, chosen))
    with st.container():  # so that what comes after keeps its place, with or without a summary
        distortions.summary(session)
    return chosen


def _answer(session: Session, run: Run, epoch: int, data: ChosenData, chosen: InputImage) -> str:
    weights = services.edited_weights(run, epoch, session.edits)
    [found] = probabilities(services.run_plan(run), weights, chosen.pixels[None])
    if not np.isfinite(found).all():
        return "The network has no answer: its numbers are no longer numbers."
    first, names = int(found.argmax()), list(map(formatting.escaped, data.classes))
    answer = f"The network says **{names[first]}**, {formatting.percent(found[first], 0)}"
    if chosen.label is not None and chosen.label != first:
        answer += f", and not {names[chosen.label]}"
    return f"{answer}."
