"""What every kind of layer has in common, and one layer of an unrolled network."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import ClassVar, Literal, Self, get_args

from cnn.arrays import Array
from cnn.operations import output_size, padding_cells, span

Shape = tuple[int, ...]
Padding = Literal["valid", "same"]

PADDINGS: tuple[Padding, ...] = get_args(Padding)


@dataclass(frozen=True)
class WindowSide:
    """A window along one side of a map: its rows, or its columns.

    The window reads `size` cells that lie `dilation` apart and moves by `stride` cells. `before`
    and `after` are the zeros (in pooling: cells that do not count) put around the side.
    """

    size: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0

    @classmethod
    def over(
        cls, cells: int, size: int, stride: int, padding: Padding, dilation: int = 1
    ) -> "WindowSide":
        """The window over a side of `cells` cells, with the padding that Keras puts around it."""
        before, after = padding_cells(cells, span(size, dilation), stride, padding)
        return cls(size, stride, dilation, before, after)

    @property
    def span(self) -> int:
        """Cells from the first to the last one read, both included."""
        return span(self.size, self.dilation)

    def positions(self, cells: int) -> int:
        """How many places the window stops at; 0 or less if it does not fit even once."""
        return output_size(self.before + cells + self.after, self.span, self.stride, "valid")

    def cells_read(self, position: int) -> range:
        """The cells read at one position, from 0; those in the padding lie outside the side."""
        start = position * self.stride - self.before
        return range(start, start + self.span, self.dilation)


@dataclass(frozen=True)
class Window:
    """The window that slides over a map, row by row and column by column."""

    rows: WindowSide
    columns: WindowSide

    @classmethod
    def over(
        cls, maps: Shape, size: int, stride: int, padding: Padding, dilation: int = 1
    ) -> "Window":
        """The window over maps (height, width, channels); see `WindowSide.over`."""
        sides = (WindowSide.over(cells, size, stride, padding, dilation) for cells in maps[:2])
        return cls(*sides)

    @property
    def cells(self) -> int:
        """How many cells it reads at each position."""
        return self.rows.size * self.columns.size

    def positions(self, input_shape: Shape) -> tuple[int, int]:
        """Rows and columns of the map that it makes of maps (height, width, channels)."""
        return self.rows.positions(input_shape[0]), self.columns.positions(input_shape[1])


@dataclass(frozen=True)
class ReceptiveField:
    """The input pixels one unit sees, along one side.

    Unit number i sees pixels `start + i * step` to `start + i * step + size - 1`; some lie outside
    the image where there is padding, and some in between may be skipped. `end` is the pixel after
    the last one that any unit sees: a window without padding may leave out the last rows and columns.
    """

    size: int
    step: int
    start: int
    end: int

    def through(self, window: WindowSide, units: int) -> "ReceptiveField":
        """The field of one of the `units` that a window over units with this field makes."""
        size = self.size + (window.span - 1) * self.step
        step = self.step * window.stride
        start = self.start - window.before * self.step
        return ReceptiveField(size, step, start, min(start + (units - 1) * step + size, self.end))

    def span(self, unit: int, pixels: int) -> tuple[int, int]:
        """First pixel and the one after the last that `unit` sees of a side of `pixels`."""
        first = self.start + unit * self.step
        return max(first, 0), min(first + self.size, self.end, pixels)


@dataclass(frozen=True)
class Weight:
    """One array of a layer's weights; `trainable` is False for batch normalization's averages."""

    name: str
    shape: Shape
    trainable: bool = True

    @property
    def size(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True)
class KerasCode:
    """The Keras call that makes a layer; as text: `layers.Conv2D(4, 3, padding="same")`."""

    layer: str
    arguments: tuple[float | str, ...] = ()
    settings: Mapping[str, float | str] = field(default_factory=dict)

    def __str__(self) -> str:
        settings = [f"{name}={json.dumps(value)}" for name, value in self.settings.items()]
        return f"layers.{self.layer}({', '.join([*map(json.dumps, self.arguments), *settings])})"

    def with_activation(self, name: str) -> "KerasCode":
        """The same call with an activation as its last argument."""
        return replace(self, settings={**self.settings, "activation": name})


class Operation(ABC):
    """A kind of layer with its settings, for input of any size.

    To add a kind, write a subclass in a module of its own and its drawing in the network view.
    Shapes are without the image axis: (height, width, channels) of maps, or (units,).
    """

    layer_name: ClassVar[str]
    """What layers of this kind are called in a plan, before their number: "convolution"."""

    training_only: ClassVar[bool] = False
    """True if the layer passes its input on unchanged after training, as dropout does."""

    pointwise: ClassVar[bool] = False
    """True if each number depends on only one number that the layer reads."""

    sums_inputs: ClassVar[bool] = False
    """True if each number is a weighted sum over all channels of what the layer reads."""

    takes_activation: ClassVar[bool] = False
    """True if the Keras layer has an argument `activation`."""

    @property
    @abstractmethod
    def title(self) -> str:
        """The kind as a heading: "Max pooling"."""

    @property
    @abstractmethod
    def setting(self) -> str:
        """The settings in a few words."""

    @property
    @abstractmethod
    def url_text(self) -> str:
        """The layer in a network link: its first word, and a word for each further setting."""

    @classmethod
    def from_url(cls, word: str) -> Self | None:
        """The layer that the first word of a link describes; None if it describes another kind."""
        return None

    def with_url_setting(self, word: str) -> Self | None:
        """The layer with the setting that a further word of a link describes; None if it is not its own."""
        return None

    @property
    @abstractmethod
    def keras_code(self) -> KerasCode:
        """The Keras call that makes the layer."""

    @property
    def keras_activation(self) -> str | None:
        """What Keras calls this layer as the activation of the layer before it; None if it has no name."""
        return None

    @abstractmethod
    def apply(self, x: Array, weights: Sequence[Array]) -> Array:
        """The output for `x`, (images, *input shape); `weights` are in the order of `weights`."""

    def window(self, input_shape: Shape) -> Window | None:
        """The window that slides over the maps; None if there is none."""
        return None

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the output. A side below 1 means that the window does not fit."""
        return input_shape

    def weights(self, input_shape: Shape) -> tuple[Weight, ...]:
        """The arrays of weights, in the order of Keras."""
        return ()

    def multiply_accumulates(self, input_shape: Shape) -> int:
        """Multiplications with an addition, for one image."""
        return 0

    def working_numbers(self, input_shape: Shape) -> int:
        """Numbers that `apply` holds at once for one image: about its memory in units of 4 bytes."""
        return prod(input_shape) + prod(self.output_shape(input_shape))

    def disconnect(self, weights: Sequence[Array], channel: int, channels: int) -> None:
        """Set to 0, in place, the weights for one of the `channels` maps that come before the layer."""
        return None


DECIMAL = r"(\d{1,3}(?:\.\d{1,6})?)"
"""The pattern of a number with decimals in a link, as one group."""


def url_match(pattern: str, word: str) -> re.Match[str] | None:
    """A match of the whole word of a link, in ASCII digits; absurdly long words are not read."""
    return re.fullmatch(pattern, word, re.ASCII) if len(word) <= 20 else None


@dataclass(frozen=True)
class Layer:
    """One step of the forward pass.

    Shapes are without the image axis: (height, width, channels) or (units,). `block` is the number
    of the convolution block or dense layer it belongs to, from 0 (None: flattening and output).
    `receptive_field` is None from the flattening on, where a unit sees the whole image.
    """

    name: str
    operation: Operation
    input_shape: Shape
    output_shape: Shape
    weights: tuple[Weight, ...] = ()
    multiply_accumulates: int = 0
    receptive_field: ReceptiveField | None = None
    block: int | None = None

    @property
    def window(self) -> Window | None:
        """The window that slides over what the layer reads; None if there is none."""
        return self.operation.window(self.input_shape)

    @property
    def parameters(self) -> int:
        """Numbers the layer stores, counted as Keras counts them (with those that are not trained)."""
        return sum(weight.size for weight in self.weights)

    @property
    def outputs(self) -> int:
        """Numbers it gives for one image."""
        return prod(self.output_shape)
