"""The confusion matrix, evidence on the chosen cell, and the classes one by one."""

import numpy as np
import pandas as pd
import streamlit as st

from cnn.arrays import Pixels
from cnn.evaluation import metrics
from cnn.evaluation.metrics import ConfusionPair
from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.common.choices import choice
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.page import INSPECT
from cnn.ui.common.prose import read_sections
from cnn.ui.components.confusion_matrix import confusion_matrix
from cnn.ui.components.patches import Shown, patches
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.evaluate.gallery import LEGEND, gallery, whole
from cnn.ui.experiments.form import vary_run
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)

_FEW = 30
"""Test images of a class below which its own numbers say little."""

SCORES = ["Precision", "Recall", "F1"]
"""The columns of `class_table` that are in percent."""


def overview(session: Session, seen: EvaluatedRun) -> None:
    """The matrix with evidence on a cell beside it, the images of the cell, a table of the classes."""
    left, right = responsive_columns(5, 4, narrowest=330)
    with left:
        actual, predicted = _matrix(seen)
    pair = metrics.confusion_pair(seen.predictions, actual, predicted)
    with right:
        _evidence(session, seen, pair)
    _images(session, seen, pair)
    st.header("Per class", anchor=False)
    _class_table(seen)


def _matrix(seen: EvaluatedRun) -> tuple[int, int]:
    """The matrix; returns the chosen cell: the most frequent mistake, until one is chosen."""
    # The same cell for every run with these classes, so that runs can be compared.
    place = f"evaluate-cell-{'-'.join(seen.data.classes)}"
    counts = seen.metrics.confusion
    chosen = st.session_state.get(place) or metrics.most_frequent_mistake(counts)

    def choose(row: int, column: int) -> None:
        st.session_state[place] = (row, column)

    st.header("Confusion matrix", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        kinds = ("Images", "Percent of the class")
        kind = choice("Values in the cells", kinds, "evaluate-cells", labeled=False)
        st.caption("Choose a cell to see its images.", width="content")
    shares = kind != "Images"
    confusion_matrix(counts, seen.data.classes, shares, chosen, choose, key="evaluate-matrix")
    return chosen


def _evidence(session: Session, seen: EvaluatedRun, pair: ConfusionPair) -> None:
    """How often it happens, with which probabilities, and how alike the images look."""
    name, other = _names(seen, pair)
    count, support = len(pair.images), seen.metrics.classes.support
    images, correct = support[pair.actual], pair.actual == pair.predicted
    values = vars(pair) | {
        "name": name,
        "other": other,
        "count": count,
        "support": images,
        "share": f" ({formatting.percent(count / images)})" if images else "",
        "back": seen.metrics.confusion[pair.predicted, pair.actual],
        "others": support[pair.predicted],
    }
    kind = "correct/" if correct else "mistaken/"
    st.header(_TEXT.text_from(f"{kind}title", **values), anchor=False)
    st.markdown(_TEXT.text_from(f"{kind}count", **values))
    if correct or not count:
        return
    st.markdown(_TEXT.text_from("mistaken/probabilities", **values))
    _mean_images(seen, pair)
    first = int(seen.data.test[pair.images[0]])
    with st.container(horizontal=True):
        cell = f"{pair.actual}-{pair.predicted}"
        why, help = f"pair-why-{cell}", _TEXT.text("explain")
        if st.button(f"Explain image {first}", why, help, icon=":material/search:"):
            session.choose_image(first)
            st.session_state["inspect-section"] = "Why this class?"
            st.switch_page(INSPECT)
        better, help = f"pair-better-{cell}", _TEXT.text("vary")
        vary_run(session, seen.run.id, "Try other settings", better, help)


def _names(seen: EvaluatedRun, pair: ConfusionPair) -> tuple[str, str]:
    """The actual and the predicted class, as Markdown."""
    classes = seen.data.classes
    return formatting.escaped(classes[pair.actual]), formatting.escaped(classes[pair.predicted])


def _images(session: Session, seen: EvaluatedRun, pair: ConfusionPair) -> None:
    """The images of the cell, and those of either class that are predicted correctly."""
    (name, other), key = _names(seen, pair), f"pair-{pair.actual}-{pair.predicted}"
    if pair.actual == pair.predicted:
        st.caption(LEGEND)
        gallery(session, seen, pair.images, key)
        return
    kinds = {
        "confused": (f"{name} mistaken for {other}", pair.images),
        "true": (f"{name}, correct", pair.correct_of_actual),
        "predicted": (f"{other}, correct", pair.correct_of_predicted),
    }
    titles = {kind: title for kind, (title, _) in kinds.items()}
    kind = choice("Images", titles, f"{key}-kind", labeled=False)
    order = "Most confident first. " if kind == "confused" else ""
    st.caption(f"{order}{LEGEND}")
    gallery(session, seen, kinds[kind][1], f"{key}-{kind}")


def _mean_images(seen: EvaluatedRun, pair: ConfusionPair) -> None:
    """The mean of the mistaken images between the means of both classes, and which is nearer."""
    name, other = seen.data.classes[pair.actual], seen.data.classes[pair.predicted]
    pixels = seen.data.dataset.images[seen.data.test]
    groups = [
        (pixels[pair.correct_of_actual], name, "correct"),
        (pixels[pair.images], name, f"mistaken for {other}"),
        (pixels[pair.correct_of_predicted], other, "correct"),
    ]
    shown = [_mean(*group) for group in groups if len(group[0])]
    patches(shown, f"pair-means-{seen.key}", None, side=84)
    if len(shown) < len(groups):
        _TEXT.caption("means/one")
        return
    own, mistaken, others = (metrics.mean_image(images) for images, *_ in groups)
    distances = [metrics.distance(mistaken, own), metrics.distance(mistaken, others)]
    closer, further = np.take(_names(seen, pair), np.argsort(distances, kind="stable"))
    near, far = sorted(distances)
    _TEXT.caption("means/both", closer=closer, near=near, further=further, far=far)


def _mean(pixels: Pixels, name: str, kind: str) -> Shown:
    count = formatting.thousands(len(pixels))
    picture = np.rint(metrics.mean_image(pixels)).astype(np.uint8)
    label = f"Mean of {count} images: {name}, {kind}"
    return Shown(whole(picture), f"mean of {count}", name, kind, label)


def class_table(seen: EvaluatedRun) -> pd.DataFrame:
    """A row per class: "Class", the `SCORES` from 0 to 100 (NaN: none) and "Test images"."""
    scores = seen.metrics.classes
    table = 100 * scores[["precision", "recall", "f1"]].set_axis(SCORES, axis="columns")
    table.insert(0, "Class", seen.data.classes)
    return table.assign(**{"Test images": scores["support"]})


def _class_table(seen: EvaluatedRun) -> None:
    """A row per class, and in words what the table cannot show."""
    meanings = {name: _TEXT.text(f"score/{name}") for name in [*SCORES, "Test images"]}
    st.dataframe(
        class_table(seen),
        hide_index=True,
        height="content",
        placeholder="–",
        column_config={
            name: st.column_config.NumberColumn(
                format="%.1f %%" if name in SCORES else None, help=meaning
            )
            for name, meaning in meanings.items()
        },
    )
    st.caption(" ".join(f"**{name}.** {meanings[name]}" for name in SCORES))
    for sentence in notes(seen):
        st.caption(sentence)


def notes(seen: EvaluatedRun) -> list[str]:
    """Sentences, in Markdown, on classes that are never predicted, or have few images."""
    scores, classes = seen.metrics.classes, list(map(formatting.escaped, seen.data.classes))
    sentences = []
    predicted = seen.metrics.confusion.sum(axis=0)
    if never := [name for name, count in zip(classes, predicted, strict=True) if not count]:
        sentences.append(_TEXT.text("note/never", names=", ".join(never)))
    for name, count, recall in zip(classes, scores.support, scores.recall, strict=True):
        if 0 < count < _FEW:
            low, high = wilson(float(recall), int(count))
            sentences.append(_TEXT.text("note/few", name=name, images=count, low=low, high=high))
    return sentences
