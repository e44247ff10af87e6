"""Flatten: maps laid out as one vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from cnn import operations
from cnn.network.layers.base import Array, KerasCode, Operation, Shape


@dataclass(frozen=True)
class Flatten(Operation):
    """Maps laid out as one vector, the channels of a cell next to each other."""

    layer_name = "flatten"

    @property
    def title(self) -> str:
        return "Flatten"

    @property
    def setting(self) -> str:
        return "maps in one row"

    @property
    def url_text(self) -> str:
        return "flatten"

    @classmethod
    def from_url(cls, word: str) -> "Flatten | None":
        return cls() if word == "flatten" else None

    @property
    def keras_code(self) -> KerasCode:
        return KerasCode("Flatten")

    def apply(self, x: Array, weights: Sequence[Array] = ()) -> Array:
        return operations.flatten(x)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (prod(input_shape),)
