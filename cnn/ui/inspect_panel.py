"""The Inspect page's parts: which image, which epoch, and everything the network computes for it."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from cnn.data.dataset import ChosenData
from cnn.inspection.picture import MOST_BYTES, PictureError, Step, prepare
from cnn.training.run import Run
from cnn.ui import services, words
from cnn.ui.components.image_grid import image_grid
from cnn.ui.components.network_view import Scale, message, network_view
from cnn.ui.session import Session

_PAGE = 12
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


def chooser(session: Session, run: Run, epoch: int, data: ChosenData) -> None:
    """Test images by class, by number, at random, only mistakes; a click chooses one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = st.multiselect(
            "Classes", data.classes, key=f"inspect-{data.choice.dataset}", placeholder="all"
        )
        _number(session, data)
        mistakes = st.toggle(
            "Only mistakes", key="mistakes", persist_state="session", help="At this epoch."
        )
    numbers = data.test
    captions = [data.classes[label] for label in data.labels[numbers]]
    if mistakes:
        found = services.evaluation(run.id, epoch)
        wrong = ~found.right
        numbers = numbers[wrong]
        captions = [
            f"{data.classes[truth]} → {data.classes[said]}"
            for truth, said in zip(found.truth[wrong], found.said[wrong], strict=True)
        ]
    if names:
        wanted = np.isin(data.labels[numbers], [data.classes.index(name) for name in names])
        captions = [text for text, keep in zip(captions, wanted, strict=True) if keep]
        numbers = numbers[wanted]
    if not len(numbers):
        st.info("No test image is like this: no mistake in these classes at this epoch.")
        return

    def pick(number: int) -> None:
        session.image = number
        st.session_state.pop("picture", None)

    def pick_any() -> None:
        pick(int(np.random.default_rng().choice(numbers)))

    pages = -(-len(numbers) // _PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Any of these", icon=":material/casino:", on_click=pick_any)
        made = f"inspect-page-{len(numbers)}-{mistakes}-{'-'.join(names)}"
        shown = st.pagination(pages, key=made) if pages > 1 else 1
        st.caption(f"{words.thousands(len(numbers))} test images")
    here = slice((shown - 1) * _PAGE, shown * _PAGE)
    image_grid(
        data.dataset.images[numbers[here]],
        numbers[here].tolist(),
        captions[here],
        session.image,
        pick,
        key="inspect-grid",
        zoom=max(1, round(56 / data.image_shape[0])),
    )


def _number(session: Session, data: ChosenData) -> None:
    key = f"number-{session.image}"

    def typed() -> None:
        number = int(st.session_state[key])
        if 0 <= number < len(data.labels) and data.labels[number] >= 0:
            session.image = number
            st.session_state.pop("picture", None)
        else:
            session.notices.append(
                f"Image {number} is of a class that was left out; choose another number."
            )
            st.session_state[key] = services.image_number(session.image, data)

    st.number_input(
        "Image number",
        0,
        len(data.labels) - 1,
        services.image_number(session.image, data),
        key=key,
        on_change=typed,
        width=150,
    )


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


def inside(session: Session, run: Run, epoch: int, data: ChosenData, scale: Scale) -> None:
    """Every layer's values for the chosen image."""
    image, label, name = _image(session, data)
    unrolled = services.run_plan(run)
    drawn = message(unrolled, services.weights(run.id, epoch), image, data.classes, label, scale)
    st.markdown(f"**{name}** through the network as it was after epoch {epoch}")
    network_view(drawn, key="network")


def _image(session: Session, data: ChosenData) -> tuple[NDArray[np.uint8], int | None, str]:
    if "picture" in st.session_state:
        return st.session_state["picture-steps"][-1].image, None, "Your picture"
    number = services.image_number(session.image, data)
    label = int(data.labels[number])
    learned = "" if number in data.test else " (the network was trained on it)"
    return data.dataset.images[number], label, f"Image {number}, {data.classes[label]},{learned}"
