"""The test images on which compared runs disagree, and whether that is more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd
import streamlit as st

from cnn.arrays import Array
from cnn.data.split import ChosenData
from cnn.evaluation.comparison import Pair, comparable, holm
from cnn.evaluation.predictions import of_test_images
from cnn.inspection.edits import Edits
from cnn.statistics import ALPHA
from cnn.ui.common import formatting
from cnn.ui.common.choices import choice, choice_box
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import when_there
from cnn.ui.compare.run_library import Compared
from cnn.ui.components.patches import Shown
from cnn.ui.evaluate.gallery import inspect_image, paged, whole
from cnn.ui.experiments.form import vary_run
from cnn.ui.state import services
from cnn.ui.state.session import Session

TEXT = read_sections(__file__)


@dataclass(frozen=True, eq=False)
class PairTest:
    """McNemar's test of two runs: `corrected` is its p-value as one of so many `tests` at once."""

    first: Compared
    second: Compared
    pair: Pair
    corrected: float
    tests: int

    @property
    def verdict(self) -> str:
        one, other = len(self.pair.only_first), len(self.pair.only_second)
        values = vars(self) | {
            "one": one,
            "other": other,
            "often": often(self.pair.p_value),
            "images": len(self.pair.first),
            "better": self.first if one > other else self.second,
        }
        if not one + other:
            section = "verdict/same"
        elif self.corrected < ALPHA:
            section = "verdict/better"
        else:
            section = "verdict/enough_alone" if self.pair.p_value < ALPHA else "verdict/close"
        return TEXT.text_from(section, **values, counts=TEXT.text_from("counts", **values))


def pair_tests(
    runs: Sequence[Compared], answers: Sequence[Array], data: ChosenData
) -> tuple[list[PairTest], list[str]]:
    """The tests of every two runs, whose probabilities of all test images are `answers`.

    A run whose probabilities are not finite is left out; the sentences say which, in Markdown.
    """
    usable, unable = comparable(
        [named.name for named in runs], [of_test_images(shares, data) for shares in answers]
    )
    both = list(combinations(usable, 2))
    pairs = [Pair(usable[one], usable[other]) for one, other in both]
    corrected = holm([pair.p_value for pair in pairs])
    tests = [
        PairTest(runs[one], runs[other], pair, p_value, len(pairs))
        for (one, other), pair, p_value in zip(both, pairs, corrected, strict=True)
    ]
    return tests, [formatting.escaped(sentence) for sentence in unable]


def often(p_value: float) -> str:
    """A p-value as a count of cases: "in 64 of 100 cases", "in 3 of 1,000 cases"."""
    if p_value >= 0.995:
        return "every time"
    for of in (100, 1000, 10_000, 100_000):
        times = round(p_value * of)
        if times >= 1:
            return f"in {times} of {formatting.thousands(of)} cases"
    return f"in less than 1 of {formatting.thousands(100_000)} cases"


def table(tests: Sequence[PairTest]) -> pd.DataFrame:
    """A row per pair with McNemar's test, alone and as one of all pairs."""
    rows = [
        {
            "first": test.first.name,
            "second": test.second.name,
            "only first correct": len(test.pair.only_first),
            "only second correct": len(test.pair.only_second),
            "by chance alone": often(test.pair.p_value),
            "all pairs together (Holm)": often(test.corrected),
            "distinguishable": "yes" if test.corrected < ALPHA else "no",
        }
        for test in tests
    ]
    return pd.DataFrame(rows)


def panel(session: Session, runs: Sequence[Compared], data: ChosenData) -> None:
    """McNemar's test for each pair of runs, and the images that a pair of them disagrees on."""
    answers = _answers(runs)
    if answers is None:
        return
    tests, left_out = pair_tests(runs, answers, data)
    for sentence in left_out:
        st.warning(sentence, icon=":material/difference:")
    if not tests:
        return
    if len(tests) > 1:
        several = f"{len(tests)} pairs of runs and McNemar's test"
        st.dataframe(table(tests), hide_index=True, alt=several)
        TEXT.caption("table", pairs=len(tests))
    compared = dict.fromkeys(named for test in tests for named in (test.first, test.second))
    test = tests[pair_choice(list(compared))]
    for named in (test.first, test.second):
        if named.run.live:
            TEXT.caption("live", run=named.label, epoch=named.run.kept[-1])
    st.markdown(test.verdict)
    TEXT.caption("caution")
    help = TEXT.text("seeds", run=test.first.label)
    vary_run(session, test.first.run.id, "Try several seeds", "try-seeds", help)
    _gallery(session, test, data)


def _answers(runs: Sequence[Compared]) -> list[Array] | None:
    """The runs' probabilities of all test images; None until all are there."""
    asked = [
        services.test_answers(f"compare-{place}", named.run, named.run.kept[-1], Edits())
        for place, named in enumerate(runs)
    ]
    for named, answer in zip(runs, asked, strict=True):
        if not answer.done() or answer.cancelled() or answer.exception():
            doing = f"Running the test images through {named.label}"
            when_there(answer, doing, lambda _: st.rerun())
            return None
    return [answer.result() for answer in asked]


def pair_choice(runs: Sequence[Compared]) -> int:
    """The chosen pair of runs, as a place in their combinations; no choice where there is only one."""
    labels = [f"{first.name} and {second.name}" for first, second in combinations(runs, 2)]
    if len(labels) == 1:
        return 0
    key = "compare-pair-" + "-".join(f"{named.run.id}={named.name}" for named in runs)
    return choice_box("Pair to compare", dict(enumerate(labels)), key, width="stretch")


def _gallery(session: Session, test: PairTest, data: ChosenData) -> None:
    first, second, pair = test.first, test.second, test.pair
    kinds = {
        f"Only {first.label} correct: {len(pair.only_first)}": pair.only_first,
        f"Only {second.label} correct: {len(pair.only_second)}": pair.only_second,
        f"Both wrong, differently: {len(pair.wrong_differently)}": pair.wrong_differently,
    }
    key = f"{first.run.id}-{second.run.id}"
    kind = choice("Images on which they disagree", list(kinds), f"disagree-{key}-{'-'.join(kinds)}")
    labels = {named.run.id: named.label for named in (first, second)}
    names = f"{first.name}-{second.name}"
    chosen_run = choice("Open in Inspect with", labels, f"disagree-with-{key}-{names}", index=1)
    TEXT.caption("captions", first=first.label, second=second.label)

    def choose(place: int) -> None:
        session.choose_run(chosen_run)
        inspect_image(session, data, place)

    made = f"disagree-images-{key}-{kind}"
    paged(kinds[kind], lambda place: _shown(test, place, data), choose, made, side=84)


def _shown(test: PairTest, place: int, data: ChosenData) -> Shown:
    number = int(data.test[place])
    image = data.dataset.images[number]
    actual = data.classes[data.labels[number]]
    one = data.classes[test.pair.first.predicted[place]]
    other = data.classes[test.pair.second.predicted[place]]
    label = f"Image {number}, {actual}: {test.first.name} predicts {one}, {test.second.name} predicts {other}. Open it in Inspect."
    return Shown(whole(image), actual, f"1: {one}", f"2: {other}", label)
