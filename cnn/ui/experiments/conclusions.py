"""What can and cannot be concluded from an experiment, in sentences."""

from math import sqrt
from statistics import stdev

from scipy.special import stdtrit

from cnn.evaluation.effects import FEWEST_SEEDS, Difference, Effects, Level
from cnn.training.experiments.runner import Standing
from cnn.ui.common import formatting
from cnn.ui.experiments import naming

SOURCES = (
    "Accuracies are those after the last epoch. Intervals: Student's t over the seeds. Differences are"
    " paired: the same seed with one value and with the other. Seeds needed: a paired t-test at"
    " 5% that finds the difference four times in five, from the noncentral t distribution (Cohen,"
    " 1988), for one comparison alone. Several comparisons: Holm's correction (1979)."
)

_ROUGH_SEEDS = 10
"""Below this many seeds the spread, and so the number of seeds needed, is only roughly known."""


def conclusions(standing: Standing, found: Effects) -> list[str]:
    """The sentences, the most important first; empty while there are no results."""
    experiment = standing.record.experiment
    sentences = []
    if not experiment.factors:
        sentences += [_seed_luck(standing, level) for level in found.levels[0]]
    sentences += [_difference(standing, one) for one in found.differences]
    if len(found.differences) > 1:
        sentences.append(
            f"Of {len(found.differences)} comparisons, some look large by chance. “More than chance”"
            " takes this into account (Holm). So an interval without 0 can still be called not"
            " distinguishable."
        )
    if len(experiment.factors) > 1 and found.differences:
        sentences.append(
            "Each difference is a mean over the other settings. Whether two settings only help"
            " together is not tested."
        )
    if sentences:
        sentences.append(_limits(standing))
    return sentences


def _seed_luck(standing: Standing, level: Level) -> str:
    if level.seeds == 1:
        return (
            f"The first seed reaches **{formatting.percent(level.mean)}**. One run cannot show how much"
            " the seed matters."
        )
    each = [one.accuracy for one in standing.record.results if one.counts]
    mean = (
        f"With {level.seeds} seeds, the network reaches **{formatting.percent(level.mean)}** on average"
        f" (95% interval {100 * level.low:.1f} to {100 * level.high:.1f}). Single runs reach"
        f" {100 * min(each):.1f} to {100 * max(each):.1f}."
    )
    if level.seeds < FEWEST_SEEDS:
        return f"{mean} Two seeds cannot show how much the seed matters."
    # Two single runs differ by the spread times the square root of two (Student's t).
    apart = float(stdtrit(level.seeds - 1, 0.975)) * stdev(each) * sqrt(2)
    return (
        f"{mean} Two runs must differ by about **{100 * apart:.1f} points** before the seed is an"
        " unlikely reason."
    )


def _difference(standing: Standing, one: Difference) -> str:
    factor = standing.record.experiment.factors[one.factor]
    value, reference = (naming.value(factor.setting, v) for v in (one.value, one.reference))
    seeds = "1 seed" if one.seeds == 1 else f"{one.seeds} seeds"
    start = (
        f"**{naming.factor(factor)} {value}** is **{_compared(one.mean)}** {reference} with {seeds}"
    )
    interval = f"(95% interval {naming.points(one.low)} to {naming.points(one.high)})"
    match one.verdict:
        case "too_few_seeds":
            return f"{start}. No verdict: with fewer than {FEWEST_SEEDS} seeds it could be chance."
        case "no_spread":
            return (
                f"{start}. No verdict: the seeds differ by less than one test image, too little to"
                " show what chance does."
            )
        case "more_than_chance":
            return f"{start} {interval}: **more than chance**."
        case "not_distinguishable":
            return f"{start} {interval}: **not distinguishable**. {_more_seeds(one)}"


def _compared(difference: float) -> str:
    size = f"{abs(100 * difference):.1f} points"
    return f"{size} above" if difference > 0 else f"{size} below" if difference < 0 else "equal to"


def _more_seeds(one: Difference) -> str:
    if one.needed is None:
        return "A difference of this size would take more than a thousand seeds to show."
    if one.needed <= one.seeds:
        return "This many seeds often suffice for such a difference. A few more may show it."
    more = one.needed - one.seeds
    several = "seeds" if more > 1 else "seed"
    sentence = f"About {more} more {several} would show a difference of this size"
    if one.seeds < _ROUGH_SEEDS:
        return f"{sentence}, but {one.seeds} seeds give only a rough idea: it may be many more or fewer."
    return f"{sentence}."


def _limits(standing: Standing) -> str:
    lost = sum(not one.counts for one in standing.record.results)
    left_out = ""
    if lost:
        several = "runs" if lost > 1 else "run"
        left_out = (
            f"{lost} {several} diverged or failed and {'do' if lost > 1 else 'does'} not count. "
        )
    if not standing.record.test_images:
        return (
            f"{left_out}The runs are tested on different images, which adds to the differences. Other"
            " data may give other results."
        )
    images = formatting.thousands(standing.record.test_images)
    return (
        f"{left_out}All runs are tested on the same {images} images. The intervals cover chance from"
        " the seed, not from the choice of images."
    )
