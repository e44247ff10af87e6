"""An image of one's own: uploaded."""

import streamlit as st
from PIL import Image

from cnn.data.dataset import ChosenData
from cnn.inspection.picture import MOST_BYTES, PictureError, Step, prepare


def upload(data: ChosenData) -> None:
    """Bring a picture; the steps that make it the network's input are shown."""
    with st.expander("Your own picture", icon=":material/add_a_photo:"):
        file = st.file_uploader(
            "A PNG, JPEG or WebP picture of one thing on a plain ground",
            type=["png", "jpg", "jpeg", "webp"],
            max_upload_size=MOST_BYTES // 2**20,
            key="picture-file",
            on_change=_keep_upload,
        )
        if "picture" not in st.session_state:
            if file is not None:
                st.button("Look at it again", on_click=_keep_upload)
            return
        invert = None
        if data.image_shape[2] == 1:
            choice = st.segmented_control(
                "Invert",
                ["Automatic", "Yes", "No"],
                default="Automatic",
                required=True,
                key="picture-invert",
            )
            invert = {"Yes": True, "No": False}.get(choice)
        try:
            steps = prepare(st.session_state["picture"], data.image_shape, invert)
        except PictureError as error:
            del st.session_state["picture"]
            st.error(str(error), icon=":material/error:")
            return
        st.session_state["picture-steps"] = steps
        _show(steps)


def _keep_upload() -> None:
    file = st.session_state["picture-file"]
    st.session_state.pop("picture", None)
    if file is not None:
        st.session_state["picture"] = file.getvalue()


def _show(steps: tuple[Step, ...]) -> None:
    for column, step in zip(st.columns(len(steps)), steps, strict=True):
        height, width, channels = step.image.shape
        array = step.image[..., 0] if channels == 1 else step.image
        picture = Image.fromarray(array)
        if max(height, width) < 140:
            zoom = 140 // max(height, width)
            picture = picture.resize((width * zoom, height * zoom), Image.Resampling.NEAREST)
        column.image(picture, alt=f"{step.title}: {step.why}")
        column.caption(f"**{step.title}** · {height} × {width}  \n{step.why}")
