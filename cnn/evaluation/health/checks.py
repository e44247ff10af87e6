"""All health checks of a network, in the order in which they are reported."""

from cnn.evaluation.health import activity, classes, history, kernels, learning
from cnn.evaluation.health.health_input import HealthInput, NotApplicable

_CHECKS = (
    history.progress,
    activity.dead_units,
    activity.rare_filters,
    activity.saturation,
    kernels.near_duplicates,
    learning.weight_movement,
    learning.gradient_sizes,
    history.memorizing,
    classes.class_balance,
)

Measurement = (
    learning.FiniteWeights
    | activity.DeadUnits
    | activity.RareFilters
    | activity.Saturation
    | kernels.NearDuplicates
    | learning.WeightMovement
    | learning.GradientSizes
    | history.Progress
    | history.Memorizing
    | classes.ClassBalance
)


def run_checks(given: HealthInput) -> tuple[Measurement | NotApplicable, ...]:
    """What every check measures. Where weights are not finite, only that: nothing else can be computed."""
    finite = learning.finite_weights(given)
    if finite.flagged:
        return (finite,)
    return (finite, *(check(given) for check in _CHECKS))
