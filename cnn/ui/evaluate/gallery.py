"""Test images with their predictions, each one click from Inspect; the mistakes, most confident first."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from cnn.arrays import Mask, Numbers, Pixels
from cnn.data.split import ChosenData
from cnn.inspection.map_geometry import Patch
from cnn.ui.common import formatting
from cnn.ui.common.choices import choice_box
from cnn.ui.common.layout import page_of
from cnn.ui.common.navigation import INSPECT, go_to
from cnn.ui.components.patches import Shown, patches
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.state.session import Session

ANY = -1
"""What stands for every class where one is chosen."""

_PAGE = 24
"""Images on one page of a gallery."""

LEGEND = (
    "Below each image: the prediction and its probability. Click an image to open it in Inspect."
)
"""What the line below each image is, and what a click on it does."""


def mistakes(session: Session, seen: EvaluatedRun) -> None:
    """All wrong predictions, or those for one actual class, or those of one predicted class."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        actual = class_choice(seen, "Actual class", "mistakes-actual", {ANY: "any class"})
        predicted = class_choice(seen, "Predicted class", "mistakes-predicted", {ANY: "any class"})
    found = seen.predictions
    wanted = are(found.true_labels, actual) & are(found.predicted, predicted)
    places = found.most_confident_first(wanted & ~found.correct)
    counted = formatting.counted(len(places), "mistake")
    st.caption(f"{counted}, most confident first. {LEGEND}")
    gallery(session, seen, places, f"mistakes-{actual}-{predicted}")


def class_choice(
    seen: EvaluatedRun, label: str, key: str, others: Mapping[int, str] | None = None
) -> int:
    """Choose one of the classes, by its number, or one of `others`, which come first."""
    names = {**(others or {}), **dict(enumerate(seen.data.classes))}
    return choice_box(label, names, f"{key}-{seen.data.choice}", width=220)


def are(labels: Numbers, wanted: int) -> Mask:
    """Which labels (n,) are the chosen class, which may be `ANY`."""
    return (labels == wanted) | (wanted == ANY)


def gallery(
    session: Session,
    seen: EvaluatedRun,
    places: Numbers,
    key: str,
    value: Callable[[int], str] | None = None,
) -> None:
    """The images at these places of the test set, in this order; a click opens one in Inspect.

    `value` makes the line right below each image, which is the probability without it.
    """
    paged(
        places,
        lambda place: shown_prediction(seen, place, value(place) if value else ""),
        lambda place: inspect_image(session, seen.data, place),
        f"{key}-{seen.key}-{len(places)}",
    )


def paged(
    places: Numbers,
    shown: Callable[[int], Shown],
    choose: Callable[[int], None],
    key: str,
    side: int = 72,
) -> None:
    """What is `shown` of these places of the test set, a page at a time; a click chooses one.

    Each is about `side` pixels wide.
    """
    if not len(places):
        st.info("No test image matches.", icon=":material/check:")
        return
    here = places[page_of(len(places), _PAGE, f"{key}-page")].tolist()
    patches([shown(place) for place in here], key, lambda at: choose(here[at]), side)


def inspect_image(session: Session, data: ChosenData, place: int) -> None:
    """Open the test image at a place in Inspect; to be called by a callback."""
    session.choose_image(int(data.test[place]))
    go_to(INSPECT)


def shown_prediction(seen: EvaluatedRun, place: int, value: str = "") -> Shown:
    """The test image at a place, its `value` or its probability, the predicted class, the actual one."""
    number, found = int(seen.data.test[place]), seen.predictions
    actual = seen.data.classes[found.true_labels[place]]
    predicted = seen.data.classes[found.predicted[place]]
    correct = bool(found.correct[place])
    probability = formatting.percent(float(found.confidence[place]))
    verdict = "which is correct" if correct else f"actually {actual}"
    return Shown(
        whole(seen.data.dataset.images[number]),
        value or probability,
        predicted,
        "correct" if correct else f"Actually {actual}",
        f"Image {number}: predicted {predicted} with {probability}, {verdict}. Open it in Inspect.",
    )


def whole(image: Pixels) -> Patch:
    """An image uint8 (height, width, channels) with nothing cut off."""
    return Patch(image, np.ones(image.shape[:2], dtype=np.bool_))
