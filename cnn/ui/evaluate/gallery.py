"""Test images with their predictions, each one click from Inspect; the mistakes, most confident first."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.arrays import Numbers
from cnn.inspection.features.patch import Patch
from cnn.ui.common import formatting
from cnn.ui.common.layout import page_of
from cnn.ui.common.page import INSPECT
from cnn.ui.components.patches import Shown, patches
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.state.session import Session

_OPEN = "evaluate-open"
_ANY = -1

LEGEND = (
    "Below each image: the prediction and its probability. Click an image to open it in Inspect."
)
"""What stands below each image, and what a click on it does."""


def mistakes(session: Session, seen: EvaluatedRun) -> None:
    """All wrong predictions, or those for one actual class, or those of one predicted class."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        actual = _class(seen, "Actual class", "true")
        predicted = _class(seen, "Predicted class", "said")
    found = seen.predictions
    wanted = ~found.correct
    if actual != _ANY:
        wanted = wanted & (found.true_labels == actual)
    if predicted != _ANY:
        wanted = wanted & (found.predicted == predicted)
    places = np.flatnonzero(wanted)
    places = places[np.argsort(-found.confidence[places], kind="stable")]
    several = "mistake" if len(places) == 1 else "mistakes"
    st.caption(f"{formatting.thousands(len(places))} {several}, most confident first. {LEGEND}")
    gallery(session, seen, places, f"mistakes-{actual}-{predicted}")


def gallery(
    session: Session,
    seen: EvaluatedRun,
    places: Numbers,
    key: str,
    page: int = 24,
    values: tuple[str, ...] | None = None,
) -> None:
    """The images at these places of the test set, in this order; a click opens one in Inspect.

    `values` are the lines right below all of the images; without them, each prediction's probability.
    """
    if not len(places):
        st.info("No test image matches.", icon=":material/check:")
        return
    made = f"{key}-{seen.key}-{len(places)}"
    part = page_of(len(places), page, f"{made}-page")
    here = places[part]
    lines = values[part] if values else [sure(seen, place) for place in here]

    def chosen(place: int) -> None:
        session.choose_image(int(seen.data.test[here[place]]))
        st.session_state[_OPEN] = True

    patches([shown_answer(seen, *one) for one in zip(here, lines, strict=True)], made, chosen)


def open_chosen() -> None:
    """Go to Inspect if an image has just been chosen; call it before anything is drawn."""
    if st.session_state.pop(_OPEN, False):
        st.switch_page(INSPECT)


def whole(image: NDArray[np.uint8]) -> Patch:
    """An image uint8 (height, width, channels) with nothing cut off."""
    return Patch(image, np.ones(image.shape[:2], dtype=np.bool_))


def sure(seen: EvaluatedRun, place: int) -> str:
    """The probability of the prediction for the test image at a place."""
    return formatting.percent(float(seen.predictions.confidence[place]))


def shown_answer(seen: EvaluatedRun, place: int, value: str) -> Shown:
    """The test image at a place, a value, the predicted class, and the actual one."""
    number, found = int(seen.data.test[place]), seen.predictions
    actual = seen.data.classes[found.true_labels[place]]
    predicted = seen.data.classes[found.predicted[place]]
    correct = bool(found.correct[place])
    verdict = "which is correct" if correct else f"actually {actual}"
    return Shown(
        whole(seen.data.dataset.images[number]),
        value,
        predicted,
        "correct" if correct else f"Actually {actual}",
        f"Image {number}: predicted {predicted} with {sure(seen, place)}, {verdict}. Open it in"
        " Inspect.",
    )


def _class(seen: EvaluatedRun, label: str, side: str) -> int:
    names = dict(enumerate(seen.data.classes))
    chosen: int = st.selectbox(
        label,
        [_ANY, *names],
        format_func=lambda one: names.get(one, "any class"),
        key=f"mistakes-{side}-{seen.data.choice}",
        persist_state="session",
        width=200,
    )
    return chosen
