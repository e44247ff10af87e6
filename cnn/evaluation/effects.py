"""What an experiment shows about its settings: means over seeds, paired differences, and how sure they are.

The intervals count seeds: the runs of one seed are averaged first, so that many combinations of
settings do not pass for many independent repetitions.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import fmean, stdev
from typing import Literal

import pandas as pd
from scipy.special import nctdtr, stdtr, stdtrit

from cnn.evaluation.comparison import holm
from cnn.statistics import ALPHA, mean_interval
from cnn.training.experiments.experiment import Planned
from cnn.training.experiments.store import Record

POWER = 0.8
"""How often an experiment with the seeds needed finds a difference that is there."""

MOST_SEEDS = 1000
"""More seeds than these are not counted exactly."""

FEWEST_SEEDS = 3
"""Seeds below which an experiment concludes nothing: two differences can agree by luck."""

Verdict = Literal["more_than_chance", "not_distinguishable", "too_few_seeds", "no_spread"]


@dataclass(frozen=True)
class Level:
    """A value of a factor: the mean accuracy (0 to 1) and its 95% interval over the seeds.

    `runs` are all runs with this value, `seeds` how many seeds they have.
    """

    value: str
    mean: float
    low: float
    high: float
    seeds: int
    runs: int


@dataclass(frozen=True)
class Difference:
    """How much a value differs from the reference with the same seeds and the other settings alike.

    `mean`, `low` and `high` are differences of accuracy (-1 to 1) with the 95% interval (Student's
    paired t). `p_value` is that of the paired t-test, `corrected` the same for all comparisons of the
    experiment at once (Holm, 1979); both are 1 where `verdict` says that there is none. `needed` is
    how many seeds it would take to find a difference of this size four times in five, None where
    that cannot be computed.
    """

    factor: int
    value: str
    reference: str
    mean: float
    low: float
    high: float
    seeds: int
    p_value: float
    corrected: float
    needed: int | None
    spread_too_small: bool = False

    @property
    def verdict(self) -> Verdict:
        """What can be concluded, all comparisons counted."""
        if self.seeds < FEWEST_SEEDS:
            return "too_few_seeds"
        if self.spread_too_small:
            return "no_spread"
        return "more_than_chance" if self.corrected < ALPHA else "not_distinguishable"

    @property
    def distinguishable(self) -> bool:
        return self.verdict == "more_than_chance"


@dataclass(frozen=True)
class Effects:
    """The whole: `levels` has a tuple a factor (one for all runs where nothing is varied)."""

    levels: tuple[tuple[Level, ...], ...]
    differences: tuple[Difference, ...]


def of_whole_seeds(record: Record, missing: Sequence[Planned]) -> Record:
    """The results of the seeds that have all their runs, so that every value has the same share.

    As long as there is no such seed, all results.
    """
    unfinished = {one.seed for one in missing}
    whole = tuple(one for one in record.results if one.seed not in unfinished)
    return replace(record, results=whole) if whole else record


def effects(record: Record) -> Effects:
    """What the results so far show; runs that diverged or failed are left out."""
    factors = record.experiment.factors
    runs = pd.DataFrame(
        [(*one.levels, one.seed, one.accuracy) for one in record.results if one.counts],
        columns=[*map(str, range(len(factors))), "seed", "accuracy"],
    )
    if not factors:
        return Effects((tuple(_levels([("", runs)])),), ())
    smallest = smallest_spread(record.test_images)
    raw = [
        difference
        for at, factor in enumerate(factors)
        for value in factor.values
        if value != (reference := record.experiment.reference(at))
        and (difference := _difference(runs, at, value, reference, smallest)) is not None
    ]
    corrected = holm([one.p_value for one in raw])
    return Effects(
        tuple(
            tuple(_levels((value, runs[runs[str(at)] == value]) for value in factor.values))
            for at, factor in enumerate(factors)
        ),
        tuple(replace(one, corrected=p_value) for one, p_value in zip(raw, corrected, strict=True)),
    )


def smallest_spread(test_images: int) -> float:
    """The spread of accuracies below which a t-test of them says nothing: half a test image.

    An accuracy is a count of images, so seeds that agree more closely hide how much they really
    vary. For an unknown number of images (0), a spread that only rounding makes.
    """
    return 0.5 / test_images if test_images else 1e-9


def paired_p_value(differences: Sequence[float]) -> float:
    """The p-value of Student's paired t-test, two-sided; the differences must not all be the same."""
    mean, spread = fmean(differences), stdev(differences)
    return float(2 * stdtr(len(differences) - 1, -abs(mean) / (spread / sqrt(len(differences)))))


def seeds_needed(mean: float, spread: float) -> int | None:
    """Seeds with which a paired t-test at 5% finds a mean difference with probability `POWER`.

    `spread` is the standard deviation of the differences. The power is that of the noncentral t
    distribution (Cohen, Statistical Power Analysis, 1988, chapter 2), the far side left out. None
    for no difference, or where it takes more than `MOST_SEEDS`.
    """
    if mean == 0:
        return None
    if spread == 0:
        return 2
    size = abs(mean) / spread
    counts = range(2, MOST_SEEDS + 1)
    place = bisect_left(counts, POWER, key=lambda seeds: _power(size, seeds))
    return counts[place] if place < len(counts) else None


def _power(size: float, seeds: int) -> float:
    shift = size * sqrt(seeds)
    limit = float(stdtrit(seeds - 1, 1 - ALPHA / 2))
    if shift > limit + 30:
        return 1.0  # beyond what the distribution can be computed for
    return 1.0 - float(nctdtr(seeds - 1, shift, limit))


def _levels(values: Iterable[tuple[str, pd.DataFrame]]) -> Iterator[Level]:
    """The levels of these values with their runs, without those that have none."""
    for value, runs in values:
        if len(runs):
            each = runs.groupby("seed")["accuracy"].mean().tolist()
            yield Level(value, *mean_interval(each), len(each), len(runs))


def _difference(
    runs: pd.DataFrame, at: int, value: str, reference: str, smallest: float
) -> Difference | None:
    others = [*runs.columns.drop([str(at), "accuracy"])]
    side_by_side = runs.pivot(index=others, columns=str(at), values="accuracy")
    if not {value, reference} <= {*side_by_side}:
        return None
    pairs = (side_by_side[value] - side_by_side[reference]).dropna()
    each = pairs.groupby("seed").mean().tolist()
    if not each:
        return None
    interval = mean_interval(each)
    spread = stdev(each) if len(each) > 1 else 0.0
    small = spread < smallest
    concludes = len(each) >= FEWEST_SEEDS and not small
    p_value = paired_p_value(each) if concludes else 1.0
    needed = seeds_needed(interval[0], spread) if concludes else None
    return Difference(at, value, reference, *interval, len(each), p_value, 1.0, needed, small)
