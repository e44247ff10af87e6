"""What a worker is asked while somebody looks into a network.

The web process imports this module to name the functions, so what loads Keras is imported within.
"""

from cnn.arrays import Array, Pixels
from cnn.inspection.explain.explanation import Gradients
from cnn.inspection.features.maximization import Ascent
from cnn.inspection.units import Unit
from cnn.network.plan import Plan


def layer_values(plan: Plan, weights: Array, image: Pixels, layer: str) -> Array:
    """One layer's output for one image, computed by Keras itself.

    Raises KeyError for a layer that the plan does not have.
    """
    from cnn.inspection import keras_values

    return keras_values.layer_values(plan, weights, image)[layer]


def attribution(
    plan: Plan, weights: Array, image: Pixels, target: int, steps: int, layer: str | None
) -> Gradients:
    """Saliency, integrated gradients and Grad-CAM of one class for one image."""
    from cnn.inspection.explain import attribution

    return attribution.attribution(plan, weights, image, target, steps, layer)


def maximized(plan: Plan, weights: Array, unit: Unit, start: Array) -> Ascent:
    """The input that makes a unit's value large, climbed to from `start`."""
    from cnn.inspection.features import activation_maximization

    return activation_maximization.maximize(plan, weights, unit, start)
