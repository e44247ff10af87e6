"""Choosing the image that goes through the network: a test image, a drawing, or an uploaded picture."""

from functools import partial

import numpy as np
import streamlit as st
from PIL import Image, ImageOps
from streamlit.delta_generator import DeltaGenerator

from cnn.arrays import Array, Mask, Pixels
from cnn.data.split import ChosenData
from cnn.evaluation.predictions import of_test_images
from cnn.inspection.image.drawing import DrawingError
from cnn.inspection.image.picture import MOST_BYTES, PictureError, Step, prepare
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.choices import choice
from cnn.ui.common.layout import page_of, responsive_columns
from cnn.ui.common.notices import show_error
from cnn.ui.common.waiting import when_there
from cnn.ui.components.drawing_pad import drawing_pad
from cnn.ui.components.image_grid import image_grid
from cnn.ui.inspect.view import InputImage
from cnn.ui.state import services
from cnn.ui.state.browser_echo import while_shown, widget
from cnn.ui.state.cache import cached
from cnn.ui.state.session import Session

picture_steps = cached(16)(prepare)

_SOURCES = {"test image": "Test image", "drawing": "Draw", "picture": "Upload"}


def image_choice(
    session: Session, run: Run, epoch: int, data: ChosenData
) -> tuple[InputImage, DeltaGenerator, DeltaGenerator]:
    """Choose, draw or upload an image; what is done to it later is not part of it.

    Returns the image, the row of controls, and the room for the network: beside the drawing pad, or
    all of the page.
    """
    source = session.source
    row, room = st.container(horizontal=True, vertical_alignment="center"), st.container()
    kind = widget("image-source", source.kind)
    row.segmented_control(
        "Image",
        list(_SOURCES),
        default=source.kind,
        required=True,
        format_func=_SOURCES.__getitem__,
        key=kind.key,
        on_change=kind.then(lambda chosen: setattr(source, "kind", chosen)),
        label_visibility="collapsed",
    )
    match source.kind:
        case "test image":
            choose_test_image(session, run, epoch, data, row)
        case "drawing":
            pad, room = responsive_columns(1, 3, narrowest=190)
            with pad:
                draw(session, data, row)
        case "picture":
            steps, room = responsive_columns(1, 3, narrowest=190)
            with steps:
                upload(session, data)
    return original(session, data), row, room


def original(session: Session, data: ChosenData) -> InputImage:
    """The image that is chosen, before anything is done to it.

    As long as there is no picture, a test image stands in for it. Raises PictureError with a
    sentence for a picture that cannot be used.
    """
    source = session.source
    if source.kind == "drawing":
        return InputImage(source.drawing(data.image_shape).pixels, None, "Your drawing")
    if source.kind == "picture" and source.picture is not None:
        steps = picture_steps(source.picture, data.image_shape, source.invert)
        return InputImage(steps[-1].image, None, "Your picture")
    number = services.image_number(session.viewed.image, data)
    label = int(data.labels[number])
    learned = "" if number in data.test else " (the network was trained on it)"
    name = f"Image {number}, {data.classes[label]}{learned}"
    return InputImage(data.dataset.images[number], label, name)


_PAGE, _THUMBNAIL = 5, 56
"""Test images that are shown at a time, and how many pixels of the screen wide."""


def choose_test_image(
    session: Session, run: Run, epoch: int, data: ChosenData, row: DeltaGenerator
) -> None:
    """Test images by class, by number, at random, only mistakes; a click chooses one."""
    images = row.container(width=_PAGE * (_THUMBNAIL + 18))
    filters = row.popover("Filter", icon=":material/filter_alt:", key="image-filter")
    with filters:
        names = st.multiselect(
            "Classes",
            data.classes,
            key=f"inspect-{data.choice}",
            placeholder="all",
            persist_state="session",
        )
        mistakes = st.toggle("Only mistakes", key="mistakes", persist_state="session")
        _number(session, data)
    labels = data.labels[data.test]
    of_names = np.isin(labels, [data.classes.index(name) for name in names or data.classes])
    key = f"inspect-page-{'mistakes' if mistakes else 'all'}-{'-'.join(names)}"

    def offer(wanted: Mask, captions: list[str], what: str, when: str = "") -> None:
        places = np.flatnonzero(wanted)
        with filters:
            st.caption(f"{formatting.counted(len(places), what)}{when}")
            page = page_of(len(places), _PAGE, f"{key}-{len(places)}")
        if not len(places):
            images.caption("No test image matches this filter.")
            return
        here = places[page]
        with images:
            image_grid(
                data.dataset.images[data.test[here]],
                data.test[here].tolist(),
                [captions[place] for place in here],
                services.image_number(session.viewed.image, data),
                session.choose_image,
                key="inspect-grid",
                zoom=max(1, round(_THUMBNAIL / data.image_shape[0])),
                terse=True,
            )
        drawn = int(np.random.default_rng().choice(data.test[places]))
        choose = partial(session.choose_image, drawn)
        row.button("Random image", icon=":material/casino:", on_click=choose)

    if not mistakes:
        offer(of_names, [data.classes[label] for label in labels], "test image")
        return

    def show(probabilities: Array) -> None:
        predictions = of_test_images(probabilities, data)
        captions = [
            f"{data.classes[label]} → {data.classes[predicted]}"
            for label, predicted in zip(labels, predictions.predicted, strict=True)
        ]
        offer(of_names & ~predictions.correct, captions, "mistake", f" after epoch {epoch}")

    asked = services.test_answers("mistakes", run, epoch, session.viewed.edits)
    when_there(asked, "Reading the test images with this network", show)


def _number(session: Session, data: ChosenData) -> None:
    present, last = services.image_number(session.viewed.image, data), len(data.labels) - 1
    field = widget("image-number", present)

    def typed(number: int) -> None:
        if number == present:
            return  # the browser reports a field that has just appeared, too, after a quick click
        if 0 <= number <= last and data.labels[number] >= 0:
            session.choose_image(number)
        else:
            left_out = f"Image {number} is of a class that was left out; choose another number."
            session.notices.append(left_out)

    st.number_input(
        "Image number", 0, last, present, key=field.key, on_change=field.then(typed), width=140
    )


_SHOWN = 112
"""Pixels of the screen that one step's picture is wide."""

_INVERT = {"Automatic": None, "Yes": True, "No": False}


def draw(session: Session, data: ChosenData, row: DeltaGenerator) -> None:
    """A drawing pad; every stroke goes through the network."""
    shape, source = data.image_shape, session.source

    def drawn(message: object) -> None:
        drawing = source.drawing(shape)
        try:
            source.drawings[shape] = drawing.updated(message)
        except DrawingError as error:
            session.notices.append(str(error))
            # The pad then shows again what the network is given.
            source.drawings[shape] = drawing.begun_from(drawing.pixels)

    number = services.image_number(session.viewed.image, data)
    if row.button(f"Start from image {number}", icon=":material/content_copy:"):
        source.drawings[shape] = source.drawing(shape).begun_from(data.dataset.images[number])
    size = "-".join(map(str, shape))
    average = _average(data)
    drawing_pad(source.drawing(shape), average, drawn, key=f"drawing-pad-{size}")


@cached(32, key=lambda data: data.choice)
def _average(data: ChosenData) -> Pixels:
    return np.rint(data.dataset.images[data.test].mean(0)).astype(np.uint8)


def upload(session: Session, data: ChosenData) -> None:
    """Upload a picture; the steps that make it the network's input are shown."""
    source = session.source

    def uploaded() -> None:
        file = st.session_state["picture-file"]
        source.picture = None if file is None else file.getvalue()

    file = st.file_uploader(
        "A PNG, JPEG or WebP picture of one item on a plain background",
        type=["png", "jpg", "jpeg", "webp"],
        max_upload_size=MOST_BYTES // 2**20,
        key="picture-file",
        on_change=while_shown("picture-file", "picture-file", uploaded),
    )
    if data.image_shape[2] == 1:
        source.invert = _INVERT[choice("Invert", list(_INVERT), "picture-invert")]
    picture = source.picture or (file and file.getvalue())
    if not picture:
        st.caption("Until you upload a picture, the network reads the test image.")
        return
    try:
        steps = picture_steps(picture, data.image_shape, source.invert)
    except PictureError as error:
        if source.picture is not None:
            source.picture = None
            st.rerun()  # the line on the current image stands above and has named this one
        show_error(error)
        return
    if file is None:  # the page was left meanwhile, and the uploader has forgotten the file
        forget = source, "picture", None
        st.button("Forget this picture", icon=":material/delete:", on_click=setattr, args=forget)
    with st.container(horizontal=True):
        for step in steps:
            _show_step(step)


def _show_step(step: Step) -> None:
    height, width, channels = step.image.shape
    picture = Image.fromarray(step.image[..., 0] if channels == 1 else step.image)
    zoom = max(1, 2 * _SHOWN // max(height, width))
    with st.container(width=_SHOWN, gap="small"):
        enlarged = ImageOps.scale(picture, zoom, Image.Resampling.NEAREST)
        st.image(enlarged, alt=f"{step.title}: {step.why}")
        st.caption(f"**{step.title}** · {height} × {width}  \n{step.why}")
