"""What can and cannot be concluded from an experiment, in sentences."""

from math import sqrt
from statistics import stdev

from scipy.special import stdtrit

from cnn.evaluation.effects import Difference, Effects, Level
from cnn.training.experiments.runner import Standing
from cnn.ui.common import formatting
from cnn.ui.experiments import naming

SOURCES = (
    "Accuracies are those after the last epoch. Intervals: Student's t over the seeds; differences"
    " are paired, the same seed with the one value and the other. Seeds needed: a paired t-test at"
    " 5\u202f% that finds the difference four times in five, by the noncentral t distribution (Cohen,"
    " 1988), for one comparison by itself. Several comparisons: Holm's correction (1979)."
)


def conclusions(standing: Standing, found: Effects) -> list[str]:
    """The sentences, the most telling first; empty while there is nothing to tell of."""
    experiment = standing.record.experiment
    told = []
    if not experiment.factors:
        told += [_luck(standing, level) for level in found.levels[0]]
    told += [_difference(standing, one) for one in found.differences]
    if len(found.differences) > 1:
        told.append(
            f"There are {len(found.differences)} comparisons, and of many one is large by luck."
            " “More than chance” has that counted in (Holm), so an interval that leaves out 0 can"
            " still be called not distinguishable."
        )
    if len(experiment.factors) > 1 and found.differences:
        told.append(
            "Each difference is a mean over the other settings; whether two settings help only"
            " together is not tested here."
        )
    if told:
        told.append(_limits(standing))
    return told


def _luck(standing: Standing, level: Level) -> str:
    if level.seeds == 1:
        return (
            f"One seed so far reaches **{formatting.percent(level.mean)}**. From one run nothing can be"
            " said of luck."
        )
    each = [one.accuracy for one in standing.record.results if one.counts]
    # Two single runs differ by the spread times the square root of two (Student's t).
    apart = float(stdtrit(level.seeds - 1, 0.975)) * stdev(each) * sqrt(2)
    return (
        f"With {level.seeds} seeds the network reaches **{formatting.percent(level.mean)}** on average"
        f" (95\u202f% interval of this mean {100 * level.low:.1f} to {100 * level.high:.1f}); single runs"
        f" lie between {100 * min(each):.1f} and {100 * max(each):.1f}. Two single runs have to be"
        f" about **{100 * apart:.1f} points** apart before luck of the seed is an unlikely reason."
    )


def _difference(standing: Standing, one: Difference) -> str:
    factor = standing.record.experiment.factors[one.factor]
    value, reference = (naming.value(factor.setting, v) for v in (one.value, one.reference))
    what = f"{naming.factor(factor)} {value}"
    if one.seeds == 1:
        return (
            f"**{what}** is {_beside(one.mean)} {reference} with the one seed so far. One seed"
            " cannot tell a difference from luck."
        )
    start = (
        f"**{what}** is **{_beside(one.mean)}** {reference} with {one.seeds} seeds (95\u202f% interval"
        f" {naming.points(one.low)} to {naming.points(one.high)})"
    )
    if one.distinguishable:
        return f"{start}: **more than chance**."
    return f"{start}: **not distinguishable**. {_more_seeds(one)}"


def _beside(difference: float) -> str:
    size = f"{abs(100 * difference):.1f} points"
    return f"{size} above" if difference > 0 else f"{size} below" if difference < 0 else "equal to"


def _more_seeds(one: Difference) -> str:
    if one.needed is None:
        return "To see a difference of this size, more than a thousand seeds would be needed."
    if one.needed <= one.seeds:
        return "So many seeds often suffice for a difference of this size; a few more may tell."
    more = one.needed - one.seeds
    several = "seeds" if more > 1 else "seed"
    return f"About {more} more {several} would be needed to see a difference of this size."


def _limits(standing: Standing) -> str:
    lost = sum(not one.counts for one in standing.record.results)
    told = ""
    if lost:
        told = f"{lost} {'runs' if lost > 1 else 'run'} diverged or failed and do not count. "
    if not standing.record.test_images:
        return (
            f"{told}The shares are tested on different images, which adds to the differences. Other"
            " data could come out otherwise."
        )
    images = formatting.thousands(standing.record.test_images)
    return (
        f"{told}All are tested on the same {images} images: the intervals are about the luck of the"
        " seed, not about other images."
    )
