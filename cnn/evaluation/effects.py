"""What an experiment says of its settings: means over seeds, paired differences, and how sure they are.

A seed is what the intervals count: the runs of one seed are averaged first, so that many
combinations of settings do not pass for many independent repetitions.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, sqrt
from statistics import fmean, stdev

from scipy.special import nctdtr, stdtr, stdtrit

from cnn.evaluation.comparison import holm
from cnn.statistics import ONCE_IN_TWENTY, mean_interval
from cnn.training.experiments.experiment import Planned
from cnn.training.experiments.store import Record

POWER = 0.8
"""How surely an experiment is to find a difference that is there, when seeds are counted for it."""

MOST_SEEDS_TOLD = 1000


@dataclass(frozen=True)
class Level:
    """A value of a factor: the mean accuracy (0 to 1) and its 95 % interval over the seeds.

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
    """How much a value differs from the reference with the same seeds, other settings alike.

    `mean`, `low` and `high` are differences of accuracy (-1 to 1) with the 95 % interval (Student's
    paired t); `chance` is how often luck alone would part them so far, `corrected` the same for all
    comparisons of the experiment at once (Holm, 1979). `needed` is how many seeds it would take to
    find a difference of this size four times in five, None where that cannot be said.
    """

    factor: int
    value: str
    reference: str
    mean: float
    low: float
    high: float
    seeds: int
    chance: float
    corrected: float
    needed: int | None

    @property
    def distinguishable(self) -> bool:
        """Whether it is more than chance, all comparisons counted."""
        return self.corrected < ONCE_IN_TWENTY


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
    """What the results that are there say; runs that did not come to their end are left out."""
    found = {(one.levels, one.seed): one.accuracy for one in record.results if one.counts}
    factors = record.experiment.factors
    if not factors:
        return Effects((_levels(found, None, ("",)),), ())
    levels = tuple(_levels(found, at, factor.values) for at, factor in enumerate(factors))
    raw = [
        difference
        for at, factor in enumerate(factors)
        for value in factor.values
        if value != (reference := record.experiment.reference(at))
        and (difference := _difference(found, at, value, reference)) is not None
    ]
    corrected = holm([one.chance for one in raw])
    return Effects(
        levels,
        tuple(
            Difference(**{**vars(one), "corrected": chance})
            for one, chance in zip(raw, corrected, strict=True)
        ),
    )


def paired_chance(differences: Sequence[float]) -> float:
    """How often luck alone brings a mean at least so far from 0: Student's paired t, two-sided.

    1 for fewer than two differences; where they are all the same, 1 if that is 0 and else 0.
    """
    if len(differences) < 2:
        return 1.0
    mean, spread = fmean(differences), stdev(differences)
    if spread == 0:
        return float(mean == 0)
    return float(2 * stdtr(len(differences) - 1, -abs(mean) / (spread / sqrt(len(differences)))))


def seeds_needed(mean: float, spread: float) -> int | None:
    """Seeds with which a paired t-test at 5 % finds a mean difference with probability `POWER`.

    `spread` is the standard deviation of the differences. The power is that of the noncentral t
    distribution (Cohen, Statistical Power Analysis, 1988, chapter 2), the far side left out. None
    for no difference, or where it takes more than `MOST_SEEDS_TOLD`.
    """
    if mean == 0:
        return None
    if spread == 0:
        return 2
    size = abs(mean) / spread
    low, high = 2, MOST_SEEDS_TOLD
    if _power(size, high) < POWER:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _power(size, middle) >= POWER else (middle + 1, high)
    return low


def _power(size: float, seeds: int) -> float:
    shift = size * sqrt(seeds)
    limit = float(stdtrit(seeds - 1, 1 - ONCE_IN_TWENTY / 2))
    if shift > limit + 30:
        return 1.0  # beyond what the distribution can be computed for
    return 1.0 - float(nctdtr(seeds - 1, shift, limit))


def _levels(
    found: dict[tuple[tuple[str, ...], int], float], at: int | None, values: Sequence[str]
) -> tuple[Level, ...]:
    """The values of the factor at a place; with None all runs are of one value."""
    made = []
    for value in values:
        by_seed: dict[int, list[float]] = defaultdict(list)
        for (levels, seed), accuracy in found.items():
            if at is None or levels[at] == value:
                by_seed[seed].append(accuracy)
        if by_seed:
            runs = sum(map(len, by_seed.values()))
            mean, low, high = mean_interval([fmean(one) for one in by_seed.values()])
            made.append(Level(value, mean, low, high, len(by_seed), runs))
    return tuple(made)


def _difference(
    found: dict[tuple[tuple[str, ...], int], float], at: int, value: str, reference: str
) -> Difference | None:
    by_seed: dict[int, list[float]] = defaultdict(list)
    for (levels, seed), accuracy in found.items():
        partner = found.get(((*levels[:at], reference, *levels[at + 1 :]), seed))
        if levels[at] == value and partner is not None:
            by_seed[seed].append(accuracy - partner)
    if not by_seed:
        return None
    each = [fmean(one) for one in by_seed.values()]
    mean, low, high = mean_interval(each)
    chance = paired_chance(each)
    needed = seeds_needed(mean, stdev(each)) if len(each) > 1 else None
    return Difference(at, value, reference, mean, low, high, len(each), chance, inf, needed)
