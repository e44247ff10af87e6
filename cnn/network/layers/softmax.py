"""Softmax: logits turned into one probability for each class."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnn import operations
from cnn.arrays import Array
from cnn.network.layers.base import KerasCode, Operation


@dataclass(frozen=True)
class Softmax(Operation):
    """Logits turned into probabilities."""

    layer_name = "softmax"
    title = "Softmax"
    setting = "exp(x) / sum of exp(x)"
    url_text = "softmax"
    keras_code = KerasCode("Softmax")
    keras_activation = "softmax"

    def apply(self, x: Array, weights: Sequence[Array] = ()) -> Array:
        return operations.softmax(x)
