"""The test images on which compared runs disagree, and whether that is more than chance."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import streamlit as st

from cnn.data.split import ChosenData
from cnn.evaluation.comparison import Pair, comparable, holm
from cnn.evaluation.predictions import Predictions, of_test_images
from cnn.inspection.edits import Edits
from cnn.inspection.features.patch import Patch
from cnn.statistics import ALPHA
from cnn.ui.common import formatting
from cnn.ui.common.layout import page_of
from cnn.ui.common.navigation import go_to
from cnn.ui.common.page import EXPERIMENTS, INSPECT
from cnn.ui.common.waiting import wait_for
from cnn.ui.compare.run_library import Compared
from cnn.ui.components.patches import Shown, patches
from cnn.ui.experiments.form import vary_current_run
from cnn.ui.state import services
from cnn.ui.state.session import Session

_PAGE = 24


def panel(session: Session, runs: Sequence[Compared], data: ChosenData) -> None:
    """McNemar's test for each pair of runs, and the images that a pair of them disagrees on."""
    usable = _predictions(runs, data)
    if len(usable) < 2:
        return
    runs = [runs[place] for place in usable]
    pairs = [Pair(first, second) for first, second in combinations(usable.values(), 2)]
    both = list(combinations(runs, 2))
    names = [(first.name, second.name) for first, second in both]
    corrected = holm([pair.p_value for pair in pairs])
    if len(pairs) > 1:
        st.dataframe(
            table(pairs, names, corrected),
            hide_index=True,
            alt=f"{len(pairs)} pairs of runs and McNemar's test",
        )
        st.caption(about_table(len(pairs)))
    at = pair_choice(runs)
    st.markdown(verdict(pairs[at], *names[at], corrected[at], len(pairs)))
    st.caption(
        "This compares these two networks as trained. Was it the settings or the seed? Only several"
        " seeds of each can show that. If you chose by these numbers, they are slightly flattering."
    )
    first, second = both[at]
    if st.button(
        "Try several seeds",
        icon=":material/science:",
        type="tertiary",
        help=f"Sets up an experiment from {formatting.escaped(first.name)}. Vary what differs.",
    ):
        session.choose_run(first.run.id)
        vary_current_run()
        st.switch_page(EXPERIMENTS)
    _gallery(session, pairs[at], first, second, data)


def pair_choice(runs: Sequence[Compared]) -> int:
    """The chosen pair of runs, as a place in their combinations; no choice where there is only one."""
    pairs = list(combinations([named.name for named in runs], 2))
    if len(pairs) == 1:
        return 0
    labels = [f"{first} and {second}" for first, second in pairs]
    key = "compare-pair-" + "-".join(f"{named.run.id}={named.name}" for named in runs)
    chosen = st.selectbox("Pair to compare", labels, key=key, persist_state="session")
    return labels.index(chosen) if chosen in labels else 0


def _predictions(runs: Sequence[Compared], data: ChosenData) -> dict[int, Predictions]:
    """The runs' predictions for all test images, by their place; empty until all are there.

    A run whose probabilities are not finite is left out, with a warning.
    """
    asked = [
        services.test_answers(f"compare-{place}", named.run, named.run.kept[-1], Edits())
        for place, named in enumerate(runs)
    ]
    for named, answer in zip(runs, asked, strict=True):
        if not answer.done() or answer.cancelled():
            wait_for(answer, f"Running the test images through {formatting.escaped(named.name)}")
            return {}
        if error := answer.exception():
            st.error(
                f"{formatting.escaped(named.name)} gave no predictions ({error}). Reload the page in half a"
                " minute.",
                icon=":material/error:",
            )
            return {}
    usable, unable = comparable(
        [named.name for named in runs], [of_test_images(answer.result(), data) for answer in asked]
    )
    for sentence in unable:
        st.warning(formatting.escaped(sentence), icon=":material/difference:")
    return usable


def verdict(pair: Pair, first: str, second: str, corrected: float, pairs: int) -> str:
    """McNemar's test of two runs in a sentence or two.

    `corrected` is its p-value as one of several `pairs` that are tested at once.
    """
    first, second = f"**{formatting.escaped(first)}**", f"**{formatting.escaped(second)}**"
    one, other = len(pair.only_first), len(pair.only_second)
    images = formatting.thousands(len(pair.first))
    if not one + other:
        return f"{first} and {second} get exactly the same of these {images} images right."
    counts = f"Only {first} is correct on {one}, only {second} on {other}."
    chance = f"If both were equally good, a split this uneven would occur {often(pair.p_value)}."
    better = first if one > other else second
    if corrected < ALPHA:
        return f"{better} is **better beyond chance** on these {images} images. {counts} {chance}"
    sentence = f"On these {images} images they are **not distinguishable**. {counts} {chance}"
    if pair.p_value < ALPHA:
        return f"{sentence} That would be enough for one pair, but not for one of {pairs}."
    return sentence


def often(p_value: float) -> str:
    """A p-value as a count of cases: "in 64 of 100 cases", "in 3 of 1,000 cases"."""
    if p_value >= 0.995:
        return "every time"
    for of in (100, 1000, 10_000, 100_000):
        times = round(p_value * of)
        if times >= 1:
            return f"in {times} of {formatting.thousands(of)} cases"
    return f"in less than 1 of {formatting.thousands(100_000)} cases"


def table(
    pairs: Sequence[Pair], names: Sequence[tuple[str, str]], corrected: Sequence[float]
) -> pd.DataFrame:
    """A row per pair with McNemar's test, alone and as one of all pairs."""
    rows = [
        {
            "first": first,
            "second": second,
            "only first correct": len(pair.only_first),
            "only second correct": len(pair.only_second),
            "by chance alone": often(pair.p_value),
            "all pairs together (Holm)": often(corrected_p),
            "distinguishable": "yes" if corrected_p < ALPHA else "no",
        }
        for pair, (first, second), corrected_p in zip(pairs, names, corrected, strict=True)
    ]
    return pd.DataFrame(rows)


def about_table(pairs: int) -> str:
    """What the p-values of the table mean."""
    return (
        f"McNemar's exact test on the images that only one of the two gets right. Among {pairs} pairs,"
        " one looks different by chance more easily than in a single comparison. Holm's correction"
        " raises each p-value, so that the last column holds for all pairs together."
    )


def _gallery(
    session: Session, pair: Pair, first: Compared, second: Compared, data: ChosenData
) -> None:
    one, other = formatting.escaped(first.name), formatting.escaped(second.name)
    kinds = {
        f"Only {one} correct": pair.only_first,
        f"Only {other} correct": pair.only_second,
        "Both wrong, differently": pair.wrong_differently,
    }
    labels = {f"{name}: {len(places)}": places for name, places in kinds.items()}
    key = f"{first.run.id}-{second.run.id}"
    kind = st.segmented_control(
        "Images on which they disagree",
        list(labels),
        default=next(iter(labels)),
        required=True,
        key=f"disagree-{key}-{'-'.join(labels)}",
    )
    chosen_run = st.segmented_control(
        "Open in Inspect with",
        [first.run.id, second.run.id],
        default=second.run.id,
        required=True,
        format_func={first.run.id: one, second.run.id: other}.__getitem__,
        key=f"disagree-with-{key}-{first.name}-{second.name}",
    )
    places = labels[kind]
    if not len(places):
        st.info("No test image matches.", icon=":material/check:")
        return

    st.caption(
        f"Below each image: the actual class, then the predictions of 1 ({one}) and 2 ({other})."
    )
    here = places[page_of(len(places), _PAGE, f"disagree-page-{key}-{kind}")]

    def choose(place: int) -> None:
        session.choose_run(chosen_run)
        session.choose_image(int(data.test[here[place]]))
        go_to(INSPECT)

    pictures = [_shown(pair, int(place), first.name, second.name, data) for place in here]
    patches(pictures, f"disagree-images-{key}", choose, side=84)


def _shown(pair: Pair, place: int, first: str, second: str, data: ChosenData) -> Shown:
    number = int(data.test[place])
    actual, one, other = (
        data.classes[int(labels[place])]
        for labels in (pair.first.true_labels, pair.first.predicted, pair.second.predicted)
    )
    label = (
        f"Image {number}, {actual}: {first} predicts {one}, {second} predicts {other}. Open it in"
        " Inspect."
    )
    image = data.dataset.images[number]
    seen = np.ones(image.shape[:2], dtype=np.bool_)
    return Shown(Patch(image, seen), actual, f"1: {one}", f"2: {other}", label)
