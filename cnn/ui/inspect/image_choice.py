"""Choosing the image that goes through the network: a test image, a drawing, or an uploaded picture."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from cnn.data.split import ChosenData
from cnn.evaluation.predictions import Predictions, of_test_images
from cnn.inspection.edits import Edits
from cnn.inspection.image.drawing import DrawingError
from cnn.inspection.image.picture import MOST_BYTES, PictureError, Step
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.layout import page_of
from cnn.ui.common.waiting import when_there
from cnn.ui.components.drawing_pad import drawing_pad
from cnn.ui.components.image_grid import image_grid
from cnn.ui.inspect import distortions
from cnn.ui.inspect.view import InputImage, InspectionView, original, picture_steps, subject
from cnn.ui.state import services
from cnn.ui.state.browser_echo import heard, widget
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
            choose_test_image(session, run, epoch, data)
        case "drawing":
            draw(session, data)
        case "picture":
            upload(session, data)
    whole = original(session, data)
    distortions.panel(session, run, epoch, data, whole)
    return subject(whole, session.source.distortion)


def prediction(session: Session, view: InspectionView) -> None:
    """What the network takes the image for, and what was done to the image."""
    st.markdown(_prediction(view))
    with st.container():  # so that what comes after keeps its place, with or without a summary
        distortions.summary(session)


def _prediction(view: InspectionView) -> str:
    probabilities = view.probabilities(view.outputs)
    if not np.isfinite(probabilities).all():
        return "The network has no answer: its numbers are no longer numbers."
    predicted = int(probabilities.argmax())
    names = list(map(formatting.escaped, view.data.classes))
    answer = f"The network says **{names[predicted]}**, {formatting.percent(probabilities[predicted], 0)}"
    if view.subject.label is not None and view.subject.label != predicted:
        answer += f", and not {names[view.subject.label]}"
    return f"{answer}."


_PAGE = 6


def choose_test_image(session: Session, run: Run, epoch: int, data: ChosenData) -> None:
    """Test images by class, by number, at random, only mistakes; a click chooses one."""
    names = st.multiselect(
        "Classes",
        data.classes,
        key=f"inspect-{data.choice}",
        placeholder="all",
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _number(session, data)
        mistakes = st.toggle("Only mistakes", key="mistakes", persist_state="session")
    if not mistakes:
        captions = [data.classes[label] for label in data.labels[data.test]]
        _choice(session, data, names, data.test, captions, "all")
        return

    def show(predictions: Predictions) -> None:
        wrong = ~predictions.correct
        captions = [
            f"{data.classes[true]} → {data.classes[predicted]}"
            for true, predicted in zip(
                predictions.true_labels[wrong], predictions.predicted[wrong], strict=True
            )
        ]
        _choice(session, data, names, data.test[wrong], captions, "mistakes")

    when_there(
        services.test_answers("mistakes", run, epoch, Edits()),
        "Reading the test images with this network",
        lambda shares: show(of_test_images(shares, data)),
    )


def _choice(
    session: Session,
    data: ChosenData,
    names: list[str],
    numbers: NDArray[np.int64],
    captions: list[str],
    kind: str,
) -> None:
    """One of these images, of the classes named; of any class if none is."""
    if names:
        wanted = np.isin(data.labels[numbers], [data.classes.index(name) for name in names])
        captions = [text for text, keep in zip(captions, wanted, strict=True) if keep]
        numbers = numbers[wanted]
    if not len(numbers):
        st.info("No test image is like this: no mistake in these classes at this epoch.")
        return

    def pick_any() -> None:
        session.choose_image(int(np.random.default_rng().choice(numbers)))

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Random image", icon=":material/casino:", on_click=pick_any)
        st.caption(formatting.counted(len(numbers), "test image"), width="content")
    made = f"inspect-page-{len(numbers)}-{kind}-{'-'.join(names)}"
    here = page_of(len(numbers), _PAGE, made)
    image_grid(
        data.dataset.images[numbers[here]],
        numbers[here].tolist(),
        captions[here],
        services.image_number(session.viewed.image, data),
        session.choose_image,
        key="inspect-grid",
        zoom=max(1, round(56 / data.image_shape[0])),
    )


def _number(session: Session, data: ChosenData) -> None:
    present = services.image_number(session.viewed.image, data)
    field = widget("image-number", present)

    def typed(number: int) -> None:
        if number == present:
            return  # the browser tells of a field that has just appeared, too, after a quick click
        if 0 <= number < len(data.labels) and data.labels[number] >= 0:
            session.choose_image(number)
        else:
            session.notices.append(
                f"Image {number} is of a class that was left out; choose another number."
            )

    st.number_input(
        "Image number",
        0,
        len(data.labels) - 1,
        present,
        key=field.key,
        on_change=field.then(typed),
        width=140,
    )


_SHOWN = 112
"""Pixels of the screen that one step's picture is wide."""

_INVERT = {"Automatic": None, "Yes": True, "No": False}


def draw(session: Session, data: ChosenData) -> None:
    """A pad; every stroke goes through the network."""
    shape, source = data.image_shape, session.source

    def drawn(message: object) -> None:
        drawing = source.drawing(shape)
        try:
            source.drawings[shape] = drawing.told(message)
        except DrawingError as error:
            session.notices.append(str(error))
            # The pad then shows again what the network is given.
            source.drawings[shape] = drawing.begun_from(drawing.pixels)

    number = services.image_number(session.viewed.image, data)
    if st.button(f"Start from image {number}", icon=":material/content_copy:"):
        source.drawings[shape] = source.drawing(shape).begun_from(data.dataset.images[number])
    size = "-".join(map(str, shape))
    drawing_pad(source.drawing(shape), _average(data), drawn, key=f"drawing-pad-{size}")


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
        "A PNG, JPEG or WebP picture of one item on a plain background",
        type=["png", "jpg", "jpeg", "webp"],
        max_upload_size=MOST_BYTES // 2**20,
        key="picture-file",
        on_change=heard("picture-file", "picture-file", brought),
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
        st.caption("Until you upload a picture, the network reads the test image.")
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
