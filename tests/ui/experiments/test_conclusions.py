"""The conclusions of an experiment never go beyond its numbers."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import stats

from cnn.data.split import DataChoice
from cnn.evaluation.effects import effects, of_whole_seeds
from cnn.network.presets import ARTICLE
from cnn.training.experiments.experiment import Experiment, Planned, Result
from cnn.training.experiments.factors import Factor
from cnn.training.experiments.runner import ExperimentStatus
from cnn.training.experiments.store import Record
from cnn.training.job import Job, Settings
from cnn.training.scheduling.queued import BackgroundStatus
from cnn.ui.common import formatting
from cnn.ui.experiments import charts
from cnn.ui.experiments.results import conclusions

BASE = Job(ARTICLE, DataChoice("d"), Settings())
POOLING = Factor("pooling", ("max", "average"))
KERNEL = Factor("kernel", ("3", "5"), block=1)


def status(factors: tuple[Factor, ...], *accuracies: float, images: int = 2000) -> ExperimentStatus:
    """An experiment whose runs, all combinations of a seed before the next, gave these accuracies."""
    levels = list(product(*(factor.values for factor in factors)))
    runs = [(one, seed) for seed in range(1, 99) for one in levels][: len(accuracies)]
    results = tuple(
        Result(one, seed, "", "done", "", 3, accuracy, 0.5, 9, 1.0)
        for (one, seed), accuracy in zip(runs, accuracies, strict=True)
    )
    experiment = Experiment(BASE, factors, tuple(sorted({seed for _, seed in runs})) or (1,))
    record = Record("x", "x", "", 0.0, experiment, images, results)
    return ExperimentStatus(record, (), (), (), BackgroundStatus())


def text_of(found: ExperimentStatus) -> str:
    return "\n".join(conclusions(found.record, effects(found.record)))


def test_a_clear_difference_is_more_than_chance_and_a_doubtful_one_says_what_it_would_take() -> (
    None
):
    clear = text_of(status((POOLING,), 0.87, 0.85, 0.86, 0.841, 0.875, 0.854))
    assert "**Pooling average** is **2.0 points below** max with 3 seeds" in clear
    assert "more than chance" in clear and "more seeds" not in clear
    doubtful = text_of(status((POOLING,), 0.87, 0.866, 0.86, 0.862, 0.875, 0.868))
    assert "**0.3 points below** max with 3 seeds" in doubtful
    size = 0.003 / np.std([-0.004, 0.002, -0.007], ddof=1)
    needed = next(
        n
        for n in range(2, 99)
        if stats.nct.sf(stats.t.ppf(0.975, n - 1), n - 1, size * n**0.5) >= 0.8
    )
    assert "**not distinguishable**" in doubtful
    assert f"{needed - 3} more seeds" in doubtful and "rough" in doubtful
    assert f"same {formatting.thousands(2000)} images" in doubtful and "comparisons" not in doubtful


def test_one_seed_concludes_nothing() -> None:
    for accuracies in ((0.9, 0.1), (0.9, 0.1, 0.91, 0.12)):
        text = text_of(status((POOLING,), *accuracies))
        assert "No verdict" in text and "more than chance" not in text
    assert "cannot show" in text_of(status((), 0.9))
    assert "cannot show" in text_of(status((), 0.9, 0.8)) and "apart" not in text_of(
        status((), 0.9, 0.8)
    )
    assert not conclusions(status(()).record, effects(status(()).record))


def test_two_runs_of_other_seeds_differ_by_chance_as_much_as_students_t_says() -> None:
    accuracies = [0.8, 0.83, 0.81, 0.86, 0.82]
    spread = np.std(accuracies, ddof=1) * 2**0.5  # of the difference of two
    apart = stats.t.ppf(0.975, len(accuracies) - 1) * spread
    assert f"**{formatting.points(apart)} points**" in text_of(status((), *accuracies))


def test_several_comparisons_and_settings_need_more_care() -> None:
    text = text_of(status((POOLING, KERNEL), *(0.8 + 0.01 * (n * 7 % 5) for n in range(12))))
    assert "2 comparisons" in text and "Holm" in text
    assert "Kernel size of block 2 5 × 5" in text
    assert "mean over the other settings" in text


def test_seeds_that_agree_to_the_image_give_no_verdict() -> None:
    pairs = [one for start in (0.8, 0.81, 0.82) for one in (start, start + 0.0005)]
    text = text_of(status((POOLING,), *pairs))
    assert "No verdict" in text and "more than chance" not in text


def test_lost_runs_and_other_test_images_are_mentioned() -> None:
    found = status((POOLING,), 0.87, 0.85, 0.86, 0.841, images=0)
    lost = replace(found.record.results[0], seed=3, ending="diverged")
    record = replace(found.record, results=(*found.record.results, lost))
    text = text_of(replace(found, record=record))
    assert "1 run diverged or failed" in text and "different images" in text


def test_an_unfinished_seed_waits_for_its_other_runs() -> None:
    record = status((POOLING,), 0.87, 0.85, 0.1).record
    missing = [Planned(("average",), 2, BASE, 9, 1.0)]
    assert {one.seed for one in of_whole_seeds(record, missing).results} == {1}
    first = replace(record, results=record.results[:1])
    assert of_whole_seeds(first, [replace(missing[0], seed=1)]) == first


@pytest.mark.parametrize("factors", [(), (POOLING,), (POOLING, KERNEL)])
def test_the_charts_hold_every_run_and_the_differences_in_points(
    factors: tuple[Factor, ...],
) -> None:
    found = status(factors, 0.8, 0.82, 0.81, 0.85, 0.82, 0.84, 0.86, 0.8).record
    worked = effects(found)
    chart = charts.effect(factors, 0, worked.levels[0], found.results).to_dict()
    rows = next(rows for rows in chart["datasets"].values() if "accuracy" in rows[0])
    assert [row["accuracy"] for row in rows] == [one.accuracy for one in found.results]
    lines = charts.parallel(found.experiment, found.results).to_dict()["datasets"]
    heights = [row["height"] for rows in lines.values() for row in rows]
    assert min(heights) == 0 and max(heights) == 1
    if worked.differences:
        chart = charts.differences(factors, worked.differences).to_dict()
        drawn = [row for rows in chart["datasets"].values() for row in rows if "mean" in row]
        means = [100 * one.mean for one in worked.differences]
        assert [row["mean"] for row in drawn] == pytest.approx(means)
