"""An image of one's own: drawn on a pad, or uploaded."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from cnn.data.dataset import ChosenData
from cnn.inspection.image.drawing import DrawingError
from cnn.inspection.image.picture import MOST_BYTES, PictureError, Step
from cnn.ui.components.drawing_pad import drawing_pad
from cnn.ui.inspect.input_image import picture_steps
from cnn.ui.state import services
from cnn.ui.state.session import Session

_SHOWN = 112
"""Pixels of the screen that one step's picture is wide."""

_INVERT = {"Automatic": None, "Yes": True, "No": False}


def draw(session: Session, data: ChosenData) -> None:
    """A pad; every stroke goes through the network."""
    drawing = session.source.drawing.fitting(data.image_shape)

    def drawn(message: object) -> None:
        try:
            session.source.drawing = drawing.told(message)
        except DrawingError as error:
            session.notices.append(str(error))

    number = services.image_number(session.viewed.image, data)
    if st.button(f"Start from image {number}", icon=":material/content_copy:"):
        session.source.drawing = drawing = drawing.begun_from(data.dataset.images[number])
    size = "-".join(map(str, data.image_shape))
    drawing_pad(drawing, _average(data), drawn, key=f"drawing-pad-{size}")


@st.cache_resource(show_spinner=False, max_entries=32)
def _average_image(identity: object, _data: ChosenData) -> NDArray[np.uint8]:
    return np.rint(_data.dataset.images[_data.test].mean(0)).astype(np.uint8)


def _average(data: ChosenData) -> NDArray[np.uint8]:
    return _average_image(data.choice, data)


def upload(session: Session, data: ChosenData) -> None:
    """Bring a picture; the steps that make it the network's input are shown."""

    def brought() -> None:
        file = st.session_state["picture-file"]
        session.source.picture = None if file is None else file.getvalue()

    def forget() -> None:
        session.source.picture = None

    file = st.file_uploader(
        "A PNG, JPEG or WebP picture of one thing on a plain ground",
        type=["png", "jpg", "jpeg", "webp"],
        max_upload_size=MOST_BYTES // 2**20,
        key="picture-file",
        on_change=brought,
    )
    if data.image_shape[2] == 1:
        choice = st.segmented_control(
            "Invert",
            list(_INVERT),
            default="Automatic",
            required=True,
            key="picture-invert",
            persist_state="session",
        )
        session.source.invert = _INVERT[choice]
    if session.source.picture is None:
        st.caption("Until there is a picture, the test image goes through the network.")
        return
    try:
        steps = picture_steps(session.source.picture, data.image_shape, session.source.invert)
    except PictureError as error:
        session.source.picture = None
        st.error(str(error), icon=":material/error:")
        return
    if file is None:  # the page was left meanwhile, and the uploader has forgotten the file
        st.button("Forget this picture", icon=":material/delete:", on_click=forget)
    _show(steps)


def _show(steps: tuple[Step, ...]) -> None:
    with st.container(horizontal=True):
        for step in steps:
            height, width, channels = step.image.shape
            array = step.image[..., 0] if channels == 1 else step.image
            picture = Image.fromarray(array)
            if max(height, width) < 2 * _SHOWN:
                zoom = max(1, 2 * _SHOWN // max(height, width))
                picture = picture.resize((width * zoom, height * zoom), Image.Resampling.NEAREST)
            with st.container(width=_SHOWN, gap="small"):
                st.image(picture, alt=f"{step.title}: {step.why}")
                st.caption(f"**{step.title}** · {height} × {width}  \n{step.why}")
