"""Test images with the network's answers, each one click from Inspect."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.evaluation.metrics import Numbers
from cnn.inspection.features.patch import Patch
from cnn.ui.common import formatting
from cnn.ui.common.page import INSPECT
from cnn.ui.components.patches import Shown, patches
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.state.session import Session

_OPEN = "evaluate-open"

LEGEND = (
    "the probability given to the answer, the answer, the truth. Choose one to look into the network"
    " with it."
)
"""What stands below each image, and what a click on it does."""


def gallery(
    session: Session,
    seen: EvaluatedRun,
    places: Numbers,
    key: str,
    page: int = 24,
    values: tuple[str, ...] | None = None,
) -> None:
    """The images at these places of the test set, in this order; a click opens one in Inspect.

    `values` are the lines right below all of the images; without them, the answers' probabilities.
    """
    if not len(places):
        st.info("No test image is like this.", icon=":material/check:")
        return
    pages = -(-len(places) // page)
    made = f"{key}-{seen.key}-{len(places)}"
    shown = st.pagination(pages, key=f"{made}-page") if pages > 1 else 1
    start = (shown - 1) * page
    here = places[start : start + page]
    told = values[start : start + page] if values else [sure(seen, place) for place in here]

    def chosen(place: int) -> None:
        session.choose_image(int(seen.data.test[here[place]]))
        st.session_state[_OPEN] = True

    patches([shown_answer(seen, *one) for one in zip(here, told, strict=True)], made, chosen)


def open_chosen() -> None:
    """Go to Inspect if an image has just been chosen; to be called before anything is drawn."""
    if st.session_state.pop(_OPEN, False):
        st.switch_page(INSPECT)


def whole(image: NDArray[np.uint8]) -> Patch:
    """An image uint8 (height, width, channels) with nothing cut off."""
    return Patch(image, np.ones(image.shape[:2], dtype=np.bool_))


def sure(seen: EvaluatedRun, place: int) -> str:
    """The probability that was given to the answer for the test image at a place."""
    return formatting.percent(float(seen.metrics.confidence[place]))


def shown_answer(seen: EvaluatedRun, place: int, value: str) -> Shown:
    """The test image at a place, a value, what was answered, and what is true."""
    number = int(seen.data.test[place])
    true = seen.data.classes[seen.metrics.truth[place]]
    said = seen.data.classes[seen.metrics.said[place]]
    right = bool(seen.metrics.right[place])
    verdict = "which is right" if right else f"but it is {true}"
    return Shown(
        whole(seen.data.dataset.images[number]),
        value,
        said,
        "right" if right else f"is {true}",
        f"Image {number}: answered {said} with {sure(seen, place)}, {verdict}. Open it in Inspect.",
    )
