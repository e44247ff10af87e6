"""The confusion matrix, evidence on the chosen cell, and the classes one by one."""

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.evaluation.confusion_pairs import ConfusionPair, confusion_pair, distance, mean_image
from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.page import EXPERIMENTS, INSPECT
from cnn.ui.components.confusion_matrix import confusion_matrix
from cnn.ui.components.patches import Shown, patches
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.evaluate.gallery import LEGEND, gallery, whole
from cnn.ui.experiments.form import vary_current_run
from cnn.ui.state.session import Session

_FEW = 30
"""Test images of a class below which its own numbers say little."""


def overview(session: Session, seen: EvaluatedRun) -> None:
    """The matrix with evidence on a cell beside it, the images of the cell, a table of the classes."""
    left, right = responsive_columns(5, 4, narrowest=330)
    with left:
        actual, predicted = _matrix(seen)
    pair = confusion_pair(seen.predictions, actual, predicted)
    with right:
        _evidence(session, seen, pair, actual, predicted)
    _images(session, seen, pair, actual, predicted)
    st.subheader("Per class", anchor=False)
    _class_table(seen)


def _matrix(seen: EvaluatedRun) -> tuple[int, int]:
    """The matrix; returns the chosen cell: the most frequent mistake, until one is chosen."""
    # The same cell for every run with these classes, so that runs can be compared.
    place = f"evaluate-cell-{'-'.join(seen.data.classes)}"
    chosen: tuple[int, int] = st.session_state.get(place) or _most_frequent_mistake(seen)

    def choose(row: int, column: int) -> None:
        st.session_state[place] = (row, column)

    st.subheader("Confusion matrix", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = st.segmented_control(
            "Values in the cells",
            ["Images", "Percent of the class"],
            default="Images",
            required=True,
            key="evaluate-cells",
            persist_state="session",
            label_visibility="collapsed",
            width="content",
        )
        st.caption("Choose a cell to see its images.", width="content")
    confusion_matrix(
        seen.metrics.confusion,
        seen.data.classes,
        kind != "Images",
        chosen,
        choose,
        key="evaluate-matrix",
    )
    return chosen


def _most_frequent_mistake(seen: EvaluatedRun) -> tuple[int, int]:
    """The most frequent mistake; where there is none, the first class predicted correctly."""
    wrong = seen.metrics.confusion * ~np.eye(len(seen.data.classes), dtype=np.bool_)
    row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return int(row), int(column)


def _evidence(
    session: Session, seen: EvaluatedRun, pair: ConfusionPair, actual: int, predicted: int
) -> None:
    """How often it happens, with which probabilities, and how alike the images look."""
    name, other = (formatting.escaped(seen.data.classes[one]) for one in (actual, predicted))
    count, support = len(pair.images), int(seen.metrics.classes.support[actual])
    part = f" ({formatting.percent(count / support)})" if support else ""
    counted = f"{formatting.thousands(count)} of {formatting.thousands(support)}"
    if actual == predicted:
        st.subheader(f"{name}, predicted correctly", anchor=False)
        st.markdown(
            f"**{counted}** images of {name}{part}. Choose a cell off the diagonal to see what else"
            " they are mistaken for."
        )
        return
    st.subheader(f"{name} mistaken for {other}: {counted}", anchor=False)
    back = int(seen.metrics.confusion[predicted, actual])
    others = int(seen.metrics.classes.support[predicted])
    st.markdown(
        f"The other way round: {formatting.thousands(back)} of {formatting.thousands(others)} images of {other}."
    )
    if not count:
        return
    st.markdown(
        f"On average, the network gives these images **{formatting.percent(pair.predicted_probability, 0)}**"
        f" {other} and **{formatting.percent(pair.actual_probability, 0)}** {name}. {name} comes second in"
        f" {formatting.thousands(pair.runner_up)} of {formatting.thousands(count)}."
    )
    _mean_images(seen, pair, actual, predicted)
    first = int(seen.data.test[pair.images[0]])
    with st.container(horizontal=True):
        why = st.button(
            f"Explain image {first}",
            icon=":material/search:",
            key=f"pair-why-{actual}-{predicted}",
            help="The most confident of these mistakes. Inspect shows which pixels its class score"
            " depends on.",
        )
        better = st.button(
            "Try other settings",
            icon=":material/science:",
            key=f"pair-better-{actual}-{predicted}",
            help="Experiments compares poolings, kernels or activations over several seeds, by the"
            " accuracy over all classes. You can open each run here, at this cell.",
        )
    if why:
        session.choose_image(first)
        st.session_state["inspect-section"] = "Why this class?"
        st.switch_page(INSPECT)
    if better:
        vary_current_run()
        st.switch_page(EXPERIMENTS)


def _images(
    session: Session, seen: EvaluatedRun, pair: ConfusionPair, actual: int, predicted: int
) -> None:
    """The images of the cell, and those of either class that are predicted correctly."""
    name, other = (formatting.escaped(seen.data.classes[one]) for one in (actual, predicted))
    key = f"pair-{actual}-{predicted}"
    if actual == predicted:
        st.caption(LEGEND)
        gallery(session, seen, pair.images, key)
        return
    kinds = {
        "confused": (f"{name} mistaken for {other}", pair.images),
        "true": (f"{name}, correct", pair.correct_of_actual),
        "said": (f"{other}, correct", pair.correct_of_predicted),
    }
    kind = st.segmented_control(
        "Images",
        list(kinds),
        default="confused",
        required=True,
        format_func=lambda one: kinds[one][0],
        key=f"{key}-kind",
        label_visibility="collapsed",
    )
    order = "Most confident first. " if kind == "confused" else ""
    st.caption(f"{order}{LEGEND}")
    gallery(session, seen, kinds[kind][1], f"{key}-{kind}")


def _mean_images(seen: EvaluatedRun, pair: ConfusionPair, actual: int, predicted: int) -> None:
    """The mean of the mistaken images between the means of both classes, and which is nearer."""
    name, other = seen.data.classes[actual], seen.data.classes[predicted]
    pixels = seen.data.dataset.images[seen.data.test]
    groups = [
        (pair.correct_of_actual, name, "correct"),
        (pair.images, name, f"mistaken for {other}"),
        (pair.correct_of_predicted, other, "correct"),
    ]
    shown = [_mean(pixels[places], *lines) for places, *lines in groups if len(places)]
    patches(shown, f"pair-means-{seen.key}", None, side=84)
    if not (len(pair.correct_of_actual) and len(pair.correct_of_predicted)):
        st.caption(
            "The mean image of each group. One of the two classes is never predicted correctly."
        )
        return
    own, mixed, others = (mean_image(pixels[places]) for places, *_ in groups)
    near, far = distance(mixed, own), distance(mixed, others)
    closer, further = (other, name) if far < near else (name, other)
    st.caption(
        f"The mean image of each group, from black (0) to white (255). The mean of the mistaken images"
        f" is closer to {formatting.escaped(closer)} ({min(near, far):.0f} per pixel) than to"
        f" {formatting.escaped(further)} ({max(near, far):.0f}). Single images differ."
    )


def _mean(pixels: NDArray[np.uint8], name: str, kind: str) -> Shown:
    count = formatting.thousands(len(pixels))
    picture = np.rint(mean_image(pixels)).astype(np.uint8)
    label = f"Mean of {count} images: {name}, {kind}"
    return Shown(whole(picture), f"mean of {count}", name, kind, label)


def _class_table(seen: EvaluatedRun) -> None:
    """A row per class, and in words what the table cannot show."""
    scores = seen.metrics.classes
    table = pd.DataFrame(
        {
            "Class": seen.data.classes,
            "Precision": 100 * scores.precision,
            "Recall": 100 * scores.recall,
            "F1": 100 * scores.f1,
            "Test images": scores.support,
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        placeholder="–",
        column_config={
            "Precision": number(
                format="%.1f %%",
                help="Of images predicted as this class, the share that truly are.",
            ),
            "Recall": number(
                format="%.1f %%", help="Of images of this class, the share predicted as it."
            ),
            "F1": number(format="%.1f %%", help="The harmonic mean of precision and recall."),
            "Test images": number(help="Also called support."),
        },
    )
    st.caption(
        "**Precision**: of images predicted as this class, the share that truly are. **Recall**: of"
        " images of this class, the share predicted as it. **F1**: their harmonic mean."
    )
    for sentence in notes(seen):
        st.caption(sentence)


def notes(seen: EvaluatedRun) -> list[str]:
    """Sentences, in Markdown, on classes that are never predicted, or have few images."""
    scores, classes = seen.metrics.classes, list(map(formatting.escaped, seen.data.classes))
    sentences = []
    predicted = seen.metrics.confusion.sum(axis=0)
    never = [name for name, count in zip(classes, predicted, strict=True) if not count]
    if never:
        sentences.append(f"Never predicted, so without a precision: {', '.join(never)}.")
    for name, count, recall in zip(classes, scores.support, scores.recall, strict=True):
        if 0 < count < _FEW:
            low, high = wilson(float(recall), int(count))
            images = "1 test image" if count == 1 else f"{count} test images"
            sentences.append(
                f"{name} has only {images}. The 95% interval of its recall is"
                f" {formatting.percent(low, 0)} to {formatting.percent(high, 0)}."
            )
    return sentences
