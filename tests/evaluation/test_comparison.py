"""Comparisons of runs, held against SciPy, against counting one by one and against definitions."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from cnn.data.dataset import Dataset
from cnn.data.split import DataChoice, choose
from cnn.evaluation.comparison import (
    MISSING,
    ComparisonError,
    Pair,
    check_same_images,
    comparable,
    differences,
    holm,
)
from cnn.evaluation.predictions import Predictions
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import Pooling
from cnn.training.job import Job, Phase, Settings

JOB = Job(ARTICLE, DataChoice("garments"), Settings())


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=60))
def test_disagreements_are_those_counted_one_by_one(rows: list[tuple[int, int, int]]) -> None:
    truth, first, second = np.array(rows).T
    pair = Pair(predictions(truth, first), predictions(truth, second))
    assert pair.only_first.tolist() == [i for i, (t, a, b) in enumerate(rows) if a == t != b]
    assert pair.only_second.tolist() == [i for i, (t, a, b) in enumerate(rows) if b == t != a]
    assert pair.wrong_differently.tolist() == [
        i for i, (t, a, b) in enumerate(rows) if len({t, a, b}) == 3
    ]
    parted = len(pair.only_first) + len(pair.only_second)
    tossed = binomtest(len(pair.only_first), parted).pvalue if parted else 1
    assert pair.p_value == pytest.approx(tossed)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_several_comparisons_are_corrected_as_closed_testing_does(p_values: list[float]) -> None:
    """Holm's correction is the short way to test every set of hypotheses by Bonferroni's."""
    places = range(len(p_values))
    sets = [one for size in places for one in combinations(places, size + 1)]
    expected = [
        max(min(1, len(one) * min(p_values[at] for at in one)) for one in sets if place in one)
        for place in places
    ]
    np.testing.assert_allclose(holm(p_values), expected)


def test_only_what_differs_is_told() -> None:
    assert differences([JOB, JOB]) == ()
    average = replace(JOB, network=PRESETS["average"].network)
    found = differences([JOB, average, JOB])
    assert [(one.part, one.number, one.setting) for one in found] == [
        ("block", 0, "pooling"),
        ("block", 1, "pooling"),
    ]
    assert found[0].values == (Pooling("max"), Pooling("average"), Pooling("max"))


def test_missing_layers_and_other_trainings_are_told_in_the_order_of_the_data() -> None:
    shorter = replace(ARTICLE, blocks=ARTICLE.blocks[:1], dense=(), flattening="global_average")
    settings = Settings((Phase(5, 0.01), Phase(5, 0.001)), batch_size=64, seed=2)
    found = differences([JOB, Job(shorter, replace(JOB.data, seed=7), settings)])
    told = {(one.part, one.number, one.setting): one.values for one in found}
    assert list(told) == [
        ("block", 1, ""),
        ("network", None, "flattening"),
        ("dense", 0, ""),
        ("data", None, "seed"),
        ("training", None, "epochs"),
        ("training", None, "learning_rate"),
        ("training", None, "batch_size"),
        ("training", None, "seed"),
    ]
    assert told["block", 1, ""] == (ARTICLE.blocks[1], MISSING)
    assert told["training", None, "learning_rate"] == ((0.001,), (0.01, 0.001))


def test_runs_on_other_test_images_are_refused_with_what_differs() -> None:
    labels = np.arange(60) % 3
    images = np.zeros((60, 4, 4, 1), np.uint8)

    def chosen(name: str = "one", **others: object):
        dataset = Dataset(name.title(), name, images, labels, ("a", "b", "c"), "", 15)
        return choose(dataset, DataChoice(name, **others))  # type: ignore[arg-type]

    check_same_images("AB", [chosen(), chosen()])
    for other, told in [
        (chosen("two"), "One and Two"),
        (chosen(classes=(0, 2)), "a, b, c and a, c"),
        (chosen(train_share=0.5), "12 images .* 30"),
        (chosen(train_share=None), "12 images .* 15"),
        (chosen(seed=4), "seeds 0 and 4"),
    ]:
        with pytest.raises(ComparisonError, match=f"A and C .*{told}"):
            check_same_images("ABC", [chosen(), chosen(), other])


def test_a_network_whose_probabilities_are_not_finite_is_left_out() -> None:
    shares = np.array([[0.1, 0.9], [0.7, 0.3]], np.float32)
    broken = shares.copy()
    broken[1, 0] = np.nan
    truth = np.array([1, 1])
    usable, sentences = comparable(
        "ABC", [Predictions(one, truth) for one in (shares, broken, shares)]
    )
    assert list(usable) == [0, 2]
    assert usable[2].predicted.tolist() == [1, 0]
    [sentence] = sentences
    assert sentence.startswith("B ") and "1 of 2 test images" in sentence


def predictions(truth: np.ndarray, predicted: np.ndarray) -> Predictions:
    """Predictions of three classes that are certain of these."""
    return Predictions(np.eye(3, dtype=np.float32)[predicted], truth)
