"""Flatten: maps laid out as one vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from cnn import operations
from cnn.arrays import Array
from cnn.network.layers.base import KerasCode, Operation, Shape


@dataclass(frozen=True)
class Flatten(Operation):
    """Maps laid out as one vector, the channels of a cell next to each other."""

    layer_name = "flatten"
    title = "Flatten"
    setting = "maps in one row"
    url_text = "flatten"
    keras_code = KerasCode("Flatten")

    def apply(self, x: Array, weights: Sequence[Array] = ()) -> Array:
        return operations.flatten(x)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (prod(input_shape),)
