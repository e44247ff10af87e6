"""One cell of the confusion matrix: the images behind it, and evidence on why it happens."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.evaluation.confusion_pairs import Confused, confused, distance, mean_image
from cnn.ui.common import formatting
from cnn.ui.common.page import EXPERIMENTS, INSPECT
from cnn.ui.components.patches import Shown, patches
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.evaluate.gallery import LEGEND, gallery, whole
from cnn.ui.experiments.form import vary_current_run
from cnn.ui.state.session import Session


def evidence(session: Session, seen: EvaluatedRun, true: int, said: int) -> None:
    """How often class `true` is answered with class `said`, how surely, and how alike they look."""
    name, other = (formatting.escaped(seen.data.classes[one]) for one in (true, said))
    found = confused(seen.shares, seen.metrics.truth, true, said)
    count, support = len(found.images), int(seen.metrics.classes.support[true])
    part = f" ({formatting.percent(count / support)})" if support else ""
    if true == said:
        st.subheader(f"{name}, answered rightly", anchor=False)
        st.markdown(
            f"**{formatting.thousands(count)} of {formatting.thousands(support)}** images of {name}{part}."
            " Choose a cell beside the diagonal to see what else they are taken for."
        )
        return
    st.subheader(f"Why is {name} taken for {other}?", anchor=False)
    back = int(seen.metrics.confusion[said, true])
    st.markdown(
        f"It happens to **{formatting.thousands(count)} of {formatting.thousands(support)}** images of"
        f" {name}{part}. The other way round: {formatting.thousands(back)} of"
        f" {formatting.thousands(int(seen.metrics.classes.support[said]))}."
    )
    if not count:
        return
    st.markdown(
        f"On average they get **{formatting.percent(found.given_said, 0)}** {other} and"
        f" **{formatting.percent(found.given_true, 0)}** {name}. In {formatting.thousands(found.runner_up)} of"
        f" the {formatting.thousands(count)}, {name} comes second."
    )
    _means(seen, found, true, said)
    first = int(seen.data.test[found.images[0]])
    with st.container(horizontal=True):
        why = st.button(
            f"Why this class? Ask about image {first}",
            icon=":material/search:",
            key=f"pair-why-{true}-{said}",
            help="The one it is surest of. Inspect draws four maps of what the answer hangs on.",
        )
        better = st.button(
            "Would another choice help?",
            icon=":material/science:",
            key=f"pair-better-{true}-{said}",
            help="Another pooling, kernel or activation, tried with several seeds on Experiments. There it"
            " is about the accuracy over all classes; any run of it can be opened here, at this cell.",
        )
    if why:
        session.choose_image(first)
        st.session_state["inspect-section"] = "Why this class?"
        st.switch_page(INSPECT)
    if better:
        vary_current_run()
        st.switch_page(EXPERIMENTS)


def images(session: Session, seen: EvaluatedRun, true: int, said: int) -> None:
    """The images behind the cell, and those of either class that are answered rightly."""
    name, other = (formatting.escaped(seen.data.classes[one]) for one in (true, said))
    found = confused(seen.shares, seen.metrics.truth, true, said)
    key = f"pair-{true}-{said}"
    if true == said:
        st.caption(f"Below each image: {LEGEND}")
        gallery(session, seen, found.images, key)
        return
    kinds = {
        "confused": (f"{name} taken for {other}", found.images),
        "true": (f"{name}, right", found.right_true),
        "said": (f"{other}, right", found.right_said),
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
    order = "The surest first. " if kind == "confused" else ""
    st.caption(f"{order}Below each image: {LEGEND}")
    gallery(session, seen, kinds[kind][1], f"{key}-{kind}")


def _means(seen: EvaluatedRun, found: Confused, true: int, said: int) -> None:
    """The mean of the confused images between the means of both classes, and which is nearer."""
    name, other = seen.data.classes[true], seen.data.classes[said]
    pixels = seen.data.dataset.images[seen.data.test]
    groups = [
        (found.right_true, name, "right"),
        (found.images, name, f"taken for {other}"),
        (found.right_said, other, "right"),
    ]
    shown = [_mean(pixels[places], *said) for places, *said in groups if len(places)]
    patches(shown, f"pair-means-{seen.key}", None, side=84)
    if not (len(found.right_true) and len(found.right_said)):
        st.caption("The mean image of each kind. One of the two classes has no right answer.")
        return
    own, mixed, others = (mean_image(pixels[places]) for places, *_ in groups)
    near, far = distance(mixed, own), distance(mixed, others)
    theirs = formatting.escaped(other)
    compared = (
        f"nearer to that of {theirs} ({far:.0f} a pixel) than to their own class's ({near:.0f})"
        if far < near
        else f"nearer to that of their own class ({near:.0f} a pixel) than to {theirs}'s ({far:.0f})"
    )
    st.caption(
        f"The mean image of each kind, from black, 0, to white, 255. The mean of the confused ones is"
        f" {compared}. It shows what they share; single images differ."
    )


def _mean(pixels: NDArray[np.uint8], name: str, kind: str) -> Shown:
    count = formatting.thousands(len(pixels))
    picture = np.rint(mean_image(pixels)).astype(np.uint8)
    label = f"Mean of {count} images: {name}, {kind}"
    return Shown(whole(picture), f"mean of {count}", name, kind, label)
