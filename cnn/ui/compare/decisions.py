"""On which test images compared runs disagree, and whether that is more than luck."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.evaluation.comparison import Pair, decided, holm
from cnn.inspection.edits import Edits
from cnn.inspection.features.patch import Patch
from cnn.statistics import ONCE_IN_TWENTY
from cnn.ui.common import formatting
from cnn.ui.common.navigation import go_to
from cnn.ui.common.page import EXPERIMENTS, INSPECT
from cnn.ui.common.waiting import wait_for
from cnn.ui.compare.selection import Compared
from cnn.ui.components.patches import Shown, patches
from cnn.ui.experiments.form import vary_current_run
from cnn.ui.state import services
from cnn.ui.state.session import Session

_PAGE = 24

Said = NDArray[np.int64]


def panel(session: Session, runs: Sequence[Compared], data: ChosenData) -> None:
    """McNemar's test for each pair of runs, and the images that a pair of them disagrees on."""
    said = _answers(runs)
    if len(said) < 2:
        return
    runs, truth = [runs[place] for place in said], data.labels[data.test]
    pairs = [Pair(truth, first, second) for first, second in combinations(said.values(), 2)]
    both = list(combinations(runs, 2))
    names = [(first.name, second.name) for first, second in both]
    corrected = holm([pair.chance for pair in pairs])
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
        "This is about these two networks as they were trained. Whether a setting made the"
        " difference or the seed did, only several seeds of each can tell."
    )
    first, second = both[at]
    if st.button(
        "Try several seeds of each",
        icon=":material/science:",
        type="tertiary",
        help=f"Sets up an experiment from {formatting.escaped(first.name)}. Vary there what differs.",
    ):
        session.choose_run(first.run.id)
        vary_current_run()
        st.switch_page(EXPERIMENTS)
    _gallery(session, pairs[at], first, second, data)


def pair_choice(runs: Sequence[Compared]) -> int:
    """The pair of runs to compare, as a place in their combinations; no choice where there is only one."""
    pairs = list(combinations([named.name for named in runs], 2))
    if len(pairs) == 1:
        return 0
    labels = [f"{first} and {second}" for first, second in pairs]
    key = "compare-pair-" + "-".join(f"{named.run.id}={named.name}" for named in runs)
    chosen = st.selectbox("The two to look at", labels, key=key, persist_state="session")
    return labels.index(chosen) if chosen in labels else 0


def _answers(runs: Sequence[Compared]) -> dict[int, Said]:
    """What the runs say of every test image, by their place; none as long as one is to be asked.

    One whose probabilities are no numbers is left out, which is told.
    """
    asked = [
        services.test_answers(f"compare-{place}", named.run, named.run.kept[-1], Edits())
        for place, named in enumerate(runs)
    ]
    for named, answer in zip(runs, asked, strict=True):
        if not answer.done() or answer.cancelled():
            wait_for(answer, f"Reading the test images with {formatting.escaped(named.name)}")
            return {}
        if error := answer.exception():
            st.error(
                f"{formatting.escaped(named.name)} could not be asked ({error}). Reload the page in half"
                " a minute to try again.",
                icon=":material/error:",
            )
            return {}
    said, unable = decided([named.name for named in runs], [answer.result() for answer in asked])
    for sentence in unable:
        st.warning(formatting.escaped(sentence), icon=":material/difference:")
    return said


def verdict(pair: Pair, first: str, second: str, corrected: float, pairs: int) -> str:
    """McNemar's test of two runs in a sentence or two.

    `corrected` is its chance as one of several `pairs` that are tested at once.
    """
    first, second = f"**{formatting.escaped(first)}**", f"**{formatting.escaped(second)}**"
    one, other = len(pair.only_first), len(pair.only_second)
    images = formatting.thousands(len(pair.truth))
    if not one + other:
        return f"On these {images} images {first} and {second} are right on exactly the same ones."
    counts = f"{one} only {first} got right, {other} only {second}"
    luck = f"luck alone would part them at least so unevenly {often(pair.chance)}"
    better = first if one > other else second
    if corrected < ONCE_IN_TWENTY:
        return f"{better} is **better beyond chance** on these {images} images: {counts}; {luck}."
    sentence = f"On these {images} images they are **not distinguishable**: {counts}; {luck}"
    if pair.chance < ONCE_IN_TWENTY:
        return f"{sentence}. That would be enough for one pair, but not for one of {pairs}."
    return f"{sentence}."


def often(chance: float) -> str:
    """A chance as a count of times: "64 times in 100", "3 times in 1 000"."""
    if chance >= 0.995:
        return "every time"
    for of in (100, 1000, 10_000, 100_000):
        times = round(chance * of)
        if times >= 1:
            return f"{'once' if times == 1 else f'{times} times'} in {formatting.thousands(of)}"
    return "less than once in 100\u202f000"


def table(
    pairs: Sequence[Pair], names: Sequence[tuple[str, str]], corrected: Sequence[float]
) -> pd.DataFrame:
    """A row a pair with McNemar's test, alone and as corrected_p of all pairs."""
    rows = [
        {
            "one": first,
            "other": second,
            "only corrected_p right": len(pair.only_first),
            "only other right": len(pair.only_second),
            "luck alone": often(pair.chance),
            "all pairs at once (Holm)": often(corrected_p),
            "distinguishable": "yes" if corrected_p < ONCE_IN_TWENTY else "no",
        }
        for pair, (first, second), corrected_p in zip(pairs, names, corrected, strict=True)
    ]
    return pd.DataFrame(rows)


def about_table(pairs: int) -> str:
    """What the chances of the table mean."""
    return (
        f"McNemar's exact test on the images that only one of two gets right. Among {pairs}"
        " pairs one will look different by luck sooner than in a single comparison; Holm's"
        " correction raises each chance so that the last column holds for all pairs at once."
    )


def _gallery(
    session: Session, pair: Pair, first: Compared, second: Compared, data: ChosenData
) -> None:
    one, other = formatting.escaped(first.name), formatting.escaped(second.name)
    kinds = {
        f"Only {one} right": pair.only_first,
        f"Only {other} right": pair.only_second,
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
    looked = st.segmented_control(
        "A click opens it in Inspect with",
        [first.run.id, second.run.id],
        default=second.run.id,
        required=True,
        format_func={first.run.id: one, second.run.id: other}.__getitem__,
        key=f"disagree-with-{key}-{first.name}-{second.name}",
    )
    places = labels[kind]
    if not len(places):
        st.info("No test image is like this.", icon=":material/check:")
        return

    st.caption(f"Below each image what it is, then what 1, {one}, and 2, {other}, say.")
    pages = -(-len(places) // _PAGE)
    shown = st.pagination(pages, key=f"disagree-page-{key}-{kind}") if pages > 1 else 1
    here = places[(shown - 1) * _PAGE : shown * _PAGE]

    def choose(place: int) -> None:
        session.choose_run(looked)
        session.choose_image(int(data.test[here[place]]))
        go_to(INSPECT)

    pictures = [_shown(pair, int(place), first.name, second.name, data) for place in here]
    patches(pictures, f"disagree-images-{key}", choose, side=84)


def _shown(pair: Pair, place: int, first: str, second: str, data: ChosenData) -> Shown:
    number = int(data.test[place])
    true, one, other = (
        data.classes[int(said[place])] for said in (pair.truth, pair.first, pair.second)
    )
    label = (
        f"Image {number}, {true}: {first} says {one}, {second} says {other}. Open it in Inspect."
    )
    image = data.dataset.images[number]
    seen = np.ones(image.shape[:2], dtype=np.bool_)
    return Shown(Patch(image, seen), true, f"1: {one}", f"2: {other}", label)
