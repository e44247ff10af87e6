"""The image that the network works on: from the data set, drawn, or uploaded."""

import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.inspection.image.distortion import Distortion, distorted
from cnn.inspection.image.picture import Step, prepare
from cnn.ui.state import services
from cnn.ui.state.session import Session


@dataclass(frozen=True, eq=False)
class InputImage:
    """An image as the network reads it, uint8 (height, width, channels), and what is known of it.

    `label` is the number of its class, None where nobody knows; `name` says in a few words what it
    is; `identity` is the same for the same pixels.
    """

    pixels: NDArray[np.uint8]
    label: int | None
    name: str
    identity: str


def original(session: Session, data: ChosenData) -> InputImage:
    """The image that is chosen, before anything is done to it.

    As long as there is no picture, a test image stands in for it. Raises PictureError with a
    sentence for a picture that cannot be used.
    """
    if session.source.kind == "drawing":
        drawing = session.source.drawing.fitting(data.image_shape)
        return _subject(drawing.pixels, None, "Your drawing")
    if session.source.kind == "picture" and session.source.picture is not None:
        steps = picture_steps(session.source.picture, data.image_shape, session.source.invert)
        return _subject(steps[-1].image, None, "Your picture")
    number = services.image_number(session.viewed.image, data)
    label = int(data.labels[number])
    learned = "" if number in data.test else " (the network was trained on it)"
    name = f"Image {number}, {data.classes[label]}{learned}"
    return _subject(data.dataset.images[number], label, name)


def subject(whole: InputImage, distortion: Distortion) -> InputImage:
    """What the network reads: `whole` after `distortion`. Its class stays."""
    if distortion.nothing:
        return whole
    pixels = distorted(whole.pixels, distortion)
    return _subject(pixels, whole.label, f"{whole.name}, {in_words(distortion)}")


def in_words(distortion: Distortion) -> str:
    """What is done to an image: "shifted 3 right and 1 up, turned 10° clockwise"."""
    parts, moves = [], []
    if right := distortion.shift_right:
        moves.append(f"{abs(right)} {'right' if right > 0 else 'left'}")
    if down := distortion.shift_down:
        moves.append(f"{abs(down)} {'down' if down > 0 else 'up'}")
    if moves:
        parts.append(f"shifted {' and '.join(moves)}")
    if angle := distortion.angle:
        parts.append(f"turned {abs(angle):g}° {'counter-clockwise' if angle > 0 else 'clockwise'}")
    if side := distortion.hidden_side:
        parts.append(f"hidden by a square of {side} × {side}")
    if distortion.noise:
        parts.append(f"with noise of {distortion.noise:g}")
    return ", ".join(parts)


@st.cache_resource(show_spinner=False, max_entries=16)
def picture_steps(
    content: bytes, image_shape: tuple[int, int, int], invert: bool | None
) -> tuple[Step, ...]:
    """The steps that make a picture file the network's input; see cnn.inspection.image.picture."""
    return prepare(content, image_shape, invert)


def _subject(pixels: NDArray[np.uint8], label: int | None, name: str) -> InputImage:
    identity = hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()[:16]
    return InputImage(pixels, label, name, identity)
