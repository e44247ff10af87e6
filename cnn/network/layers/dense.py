"""Flatten, which lays maps out as one vector, and dense, whose units read every number of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from cnn import operations
from cnn.arrays import Array
from cnn.network.layers.base import KerasCode, Operation, Shape, Weight, url_match


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


@dataclass(frozen=True)
class Dense(Operation):
    """`units` weighted sums of all inputs, plus biases."""

    units: int

    layer_name = "dense"
    title = "Dense"
    sums_inputs = True
    takes_activation = True

    @property
    def setting(self) -> str:
        return f"{self.units} units" if self.units > 1 else "1 unit"

    @property
    def url_text(self) -> str:
        return f"dense{self.units}"

    @classmethod
    def from_url(cls, word: str) -> "Dense | None":
        match = url_match(r"dense(\d+)", word)
        return match and cls(int(match[1]))

    @property
    def keras_code(self) -> KerasCode:
        return KerasCode("Dense", (self.units,))

    def apply(self, x: Array, weights: Sequence[Array]) -> Array:
        kernel, bias = weights
        return operations.dense(x, kernel, bias)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (self.units,)

    def weights(self, input_shape: Shape) -> tuple[Weight, ...]:
        return Weight("kernel", (*input_shape, self.units)), Weight("bias", (self.units,))

    def multiply_accumulates(self, input_shape: Shape) -> int:
        return input_shape[0] * self.units

    def disconnect(self, weights: Sequence[Array], channel: int, channels: int) -> None:
        kernel, _ = weights
        # In a flattened vector the channels of a cell lie next to each other.
        kernel[channel::channels, :] = 0
