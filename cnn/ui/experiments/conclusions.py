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


def conclusions(standing: Standing, measured: Effects) -> list[str]:
    """The sentences, the most telling first; empty while there is nothing to tell of."""
    experiment = standing.record.experiment
    sentences = []
    if not experiment.factors:
        sentences += [_luck(standing, level) for level in measured.levels[0]]
    sentences += [_difference(standing, difference) for difference in measured.differences]
    if len(measured.differences) > 1:
        sentences.append(
            f"There are {len(measured.differences)} comparisons, and of many one is large by luck."
            " “More than chance” has that counted in (Holm), so an interval that leaves out 0 can"
            " still be called not distinguishable."
        )
    if len(experiment.factors) > 1 and measured.differences:
        sentences.append(
            "Each difference is a mean over the other settings; whether two settings help only"
            " together is not tested here."
        )
    if sentences:
        sentences.append(_limits(standing))
    return sentences


def _luck(standing: Standing, level: Level) -> str:
    if level.seeds == 1:
        return (
            f"One seed so far reaches **{formatting.percent(level.mean)}**. From one run nothing can be"
            " said of luck."
        )
    each = [result.accuracy for result in standing.record.results if result.counts]
    # Two single runs differ by the spread times the square root of two (Student's t).
    apart = float(stdtrit(level.seeds - 1, 0.975)) * stdev(each) * sqrt(2)
    return (
        f"With {level.seeds} seeds the network reaches **{formatting.percent(level.mean)}** on average"
        f" (95\u202f% interval of this mean {100 * level.low:.1f} to {100 * level.high:.1f}); single runs"
        f" lie between {100 * min(each):.1f} and {100 * max(each):.1f}. Two single runs have to be"
        f" about **{100 * apart:.1f} points** apart before luck of the seed is an unlikely reason."
    )


def _difference(standing: Standing, difference: Difference) -> str:
    factor = standing.record.experiment.factors[difference.factor]
    value, reference = (
        naming.value(factor.setting, v) for v in (difference.value, difference.reference)
    )
    what = f"{naming.factor(factor)} {value}"
    if difference.seeds == 1:
        return (
            f"**{what}** is {_beside(difference.mean)} {reference} with the one seed so far. One seed"
            " cannot tell a difference from luck."
        )
    start = (
        f"**{what}** is **{_beside(difference.mean)}** {reference} with {difference.seeds} seeds (95\u202f% interval"
        f" {naming.points(difference.low)} to {naming.points(difference.high)})"
    )
    if difference.distinguishable:
        return f"{start}: **more than chance**."
    return f"{start}: **not distinguishable**. {_more_seeds(difference)}"


def _beside(difference: float) -> str:
    size = f"{abs(100 * difference):.1f} points"
    return f"{size} above" if difference > 0 else f"{size} below" if difference < 0 else "equal to"


def _more_seeds(difference: Difference) -> str:
    if difference.needed is None:
        return "To see a difference of this size, more than a thousand seeds would be needed."
    if difference.needed <= difference.seeds:
        return "So many seeds often suffice for a difference of this size; a few more may tell."
    more = difference.needed - difference.seeds
    several = "seeds" if more > 1 else "seed"
    return f"About {more} more {several} would be needed to see a difference of this size."


def _limits(standing: Standing) -> str:
    lost = sum(not result.counts for result in standing.record.results)
    lost_runs = ""
    if lost:
        lost_runs = f"{lost} {'runs' if lost > 1 else 'run'} diverged or failed and do not count. "
    if not standing.record.test_images:
        return (
            f"{lost_runs}The shares are tested on different images, which adds to the differences. Other"
            " data could come out otherwise."
        )
    images = formatting.thousands(standing.record.test_images)
    return (
        f"{lost_runs}All are tested on the same {images} images: the intervals are about the luck of the"
        " seed, not about other images."
    )
