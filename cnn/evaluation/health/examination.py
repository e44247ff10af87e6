"""Everything that is looked at in a network, in order."""

from cnn.evaluation.health import activity, classes, history, kernels, learning, numbers
from cnn.evaluation.health.finding import Check, HealthInput

_CHECKS = (
    activity.dead,
    activity.rare,
    activity.saturated,
    kernels.twins,
    learning.unmoved,
    learning.gradients,
    history.plateau,
    history.overfitting,
    classes.classes,
)


def examine(patient: HealthInput) -> tuple[Check, ...]:
    """What is found, check by check; the findings are in the checks."""
    finite = numbers.finite(patient)
    if finite.findings:
        return (finite,)
    return (finite, *(check(patient) for check in _CHECKS))
