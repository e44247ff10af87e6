"""The image that the network is shown at work on: one of the test set, or one's own."""

import hashlib

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.ui import services
from cnn.ui.inspect.look import Subject
from cnn.ui.session import Session


def subject(session: Session, data: ChosenData) -> Subject:
    """The image that is chosen now."""
    pixels, label, name = _image(session, data)
    identity = hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()[:16]
    return Subject(pixels, label, name, identity)


def _image(session: Session, data: ChosenData) -> tuple[NDArray[np.uint8], int | None, str]:
    if "picture" in st.session_state:
        return st.session_state["picture-steps"][-1].image, None, "Your picture"
    number = services.image_number(session.image, data)
    label = int(data.labels[number])
    learned = "" if number in data.test else " (the network was trained on it)"
    return data.dataset.images[number], label, f"Image {number}, {data.classes[label]},{learned}"
