"""The effects of settings against SciPy's own tests, on accuracies drawn at random."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import stats

from cnn.data.split import DataChoice
from cnn.evaluation.effects import Effects, effects, paired_p_value, seeds_needed
from cnn.network.presets import ARTICLE
from cnn.training.experiments.experiment import Experiment, Result
from cnn.training.experiments.factors import Factor
from cnn.training.experiments.store import Record
from cnn.training.job import Job, Settings

POOLING = Factor("pooling", ("average", "max", "none"))
KERNEL = Factor("kernel", ("3", "5"))
SEEDS = (1, 2, 3, 4, 5)


def record(factors: tuple[Factor, ...], seed: int = 0) -> Record:
    """An experiment with every result, accuracies at random."""
    random = np.random.default_rng(seed)
    experiment = Experiment(Job(ARTICLE, DataChoice("d"), Settings()), factors, SEEDS)
    results = tuple(
        Result(levels, one, "", "done", "", 1, random.uniform(0.7, 0.9), 0.5, 10, 1.0)
        for one in SEEDS
        for levels in product(*(factor.values for factor in factors))
    )
    return Record("x", "x", "", 0.0, experiment, 100, results)


def values(made: Record, at: int, value: str) -> list[float]:
    """The mean accuracy of each seed with a value."""
    return [
        float(np.mean([r.accuracy for r in made.results if r.seed == s and r.levels[at] == value]))
        for s in SEEDS
    ]


@pytest.mark.parametrize("factors", [(POOLING,), (POOLING, KERNEL)])
def test_means_differences_and_chances_are_scipys(factors: tuple[Factor, ...]) -> None:
    made = record(factors)
    found = effects(made)
    for at, factor in enumerate(factors):
        for level in found.levels[at]:
            each = values(made, at, level.value)
            low, high = stats.t.interval(0.95, 4, np.mean(each), stats.sem(each))
            assert (level.mean, level.low, level.high) == pytest.approx((np.mean(each), low, high))
            assert level.seeds == 5 and level.runs == 5 * (
                len(factors) == 1 or 6 // len(factor.values)
            )
    assert {(d.factor, d.value) for d in found.differences} == {
        (at, value)
        for at, factor in enumerate(factors)
        for value in factor.values
        if value != {0: "max", 1: "3"}[at]
    }
    for one in found.differences:
        test = stats.ttest_rel(
            values(made, one.factor, one.value), values(made, one.factor, one.reference)
        )
        interval = test.confidence_interval()
        assert one.p_value == pytest.approx(test.pvalue)
        assert (one.low, one.high) == pytest.approx((interval.low, interval.high))
    smallest = min(found.differences, key=lambda d: d.p_value)
    assert smallest.corrected == pytest.approx(min(1, smallest.p_value * len(found.differences)))


def test_only_pairs_of_the_same_seed_and_settings_are_compared() -> None:
    made = record((POOLING, KERNEL))
    gone = {("max", "5", 2), ("average", "3", 2), ("average", "3", 4)}
    kept = tuple(r for r in made.results if (*r.levels, r.seed) not in gone)
    broken = tuple(
        replace(r, ending="diverged", accuracy=0.1) for r in made.results if r not in kept
    )
    found = effects(replace(made, results=kept + broken))
    at = {(r.levels, r.seed): r.accuracy for r in kept}
    each = []
    for seed in SEEDS:
        pairs = [
            at[("average", kernel), seed] - at[("max", kernel), seed]
            for kernel in KERNEL.values
            if {(("average", kernel), seed), (("max", kernel), seed)} <= at.keys()
        ]
        if pairs:
            each.append(np.mean(pairs))
    [one] = [d for d in found.differences if d.value == "average"]
    assert one.seeds == len(each) == 4
    assert one.mean == pytest.approx(np.mean(each))


def test_seeds_alone_have_one_level_and_nothing_to_compare() -> None:
    made = record(())
    found = effects(made)
    [[level]] = found.levels
    each = [r.accuracy for r in made.results]
    assert (level.low, level.high) == pytest.approx(
        stats.t.interval(0.95, 4, np.mean(each), stats.sem(each))
    )
    assert not found.differences
    assert effects(replace(made, results=())) == Effects(((),), ())


@pytest.mark.parametrize(("size", "seeds"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_the_seeds_needed_are_those_of_published_power_tables(size: float, seeds: int) -> None:
    """The numbers G*Power gives for a paired t-test at 5%, two-sided, with a power of 80%."""
    assert seeds_needed(size, 1.0) == seeds_needed(-size * 3, 3.0) == seeds


def test_where_nothing_varies_there_is_nothing_to_compute() -> None:
    assert seeds_needed(0.0, 1.0) is None and seeds_needed(0.001, 1.0) is None
    assert seeds_needed(1.0, 0.0) == 2 and seeds_needed(1000.0, 0.001) == 2
    assert paired_p_value([0.0, 0.1]) == pytest.approx(stats.ttest_1samp([0.0, 0.1], 0).pvalue)


def with_accuracies(*accuracies: float, images: int = 2000) -> Record:
    """An experiment on max and average pooling: pairs of a reference and another, seed by seed."""
    made = record((Factor("pooling", ("max", "average")),))
    results = tuple(
        replace(
            made.results[0], levels=(("max",), ("average",))[at % 2], seed=at // 2, accuracy=one
        )
        for at, one in enumerate(accuracies)
    )
    return replace(made, test_images=images, results=results)


def test_two_seeds_conclude_nothing_however_alike_they_are() -> None:
    """Two seeds, each one image better, once gave p = 7e-14."""
    [two] = effects(with_accuracies(0.8, 0.8005, 0.81, 0.8105)).differences
    assert two.verdict == "too_few_seeds" and not two.distinguishable
    assert two.p_value == two.corrected == 1 and two.needed is None
    [three] = effects(with_accuracies(0.8, 0.83, 0.81, 0.839, 0.8, 0.832)).differences
    assert three.verdict == "more_than_chance" and three.corrected < 0.05


@pytest.mark.parametrize("step", [0.0, 0.0005, 0.05])
def test_seeds_that_differ_by_the_same_number_of_images_conclude_nothing(step: float) -> None:
    pairs = [one for start in (0.8, 0.81, 0.82, 0.79) for one in (start, start + step)]
    [one] = effects(with_accuracies(*pairs)).differences
    assert one.verdict == "no_spread" and not one.distinguishable
    pairs[1] += 0.0015
    [other] = effects(with_accuracies(*pairs)).differences
    assert other.verdict in ("more_than_chance", "not_distinguishable")


def test_one_image_in_ten_seeds_is_too_little_spread_for_a_verdict() -> None:
    """Nine seeds alike and one a single image apart: a t-test would call that certain."""
    pairs = [one for n in range(10) for one in (0.8, 0.81 + (0.0005 if n == 0 else 0.0))]
    [found] = effects(with_accuracies(*pairs)).differences
    assert (
        stats.ttest_1samp([b - a for a, b in zip(pairs[::2], pairs[1::2], strict=True)], 0).pvalue
        < 1e-9
    )
    assert found.verdict == "no_spread"
