"""What a network is, before and apart from any training.

A `Network` is a value: frozen, comparable, hashable. It says nothing about the size of the images it
will read; `cnn.network.plan` unrolls it for one image shape.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

ActivationName = Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu"]
Padding = Literal["valid", "same"]
PoolingKind = Literal["max", "average"]
Flattening = Literal["flatten", "global_average"]
Output = Literal["softmax", "sigmoid"]

ACTIVATIONS: tuple[ActivationName, ...] = get_args(ActivationName)
PADDINGS: tuple[Padding, ...] = get_args(Padding)
POOLINGS: tuple[PoolingKind, ...] = get_args(PoolingKind)
FLATTENINGS: tuple[Flattening, ...] = get_args(Flattening)
OUTPUTS: tuple[Output, ...] = get_args(Output)


class Range(NamedTuple):
    """The smallest and the largest value a setting may take, both included."""

    low: float
    high: float


BLOCKS = Range(0, 5)
DENSE_LAYERS = Range(0, 3)
FILTERS = Range(1, 128)
KERNEL = Range(1, 11)
STRIDE = Range(1, 4)
DILATION = Range(1, 4)
POOL_SIZE = Range(1, 8)
UNITS = Range(1, 512)
DROPOUT = Range(0.0, 0.9)
SLOPE = Range(0.0, 1.0)


class NetworkError(ValueError):
    """A network that cannot be; the message is a sentence for the person who asked for it."""


def _within(what: str, value: float, allowed: Range) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not (allowed.low <= value <= allowed.high)
    ):
        raise NetworkError(
            f"The {what} must be between {allowed.low:g} and {allowed.high:g}; it was {value!r}."
        )


def _hundredths_within(what: str, value: float, allowed: Range) -> None:
    """Hundredths are as fine as the link's text and the page's sliders are."""
    _within(what, value, allowed)
    if round(value, 2) != value:
        raise NetworkError(f"The {what} is given in hundredths; it was {value!r}.")


def _whole_within(what: str, value: int, allowed: Range) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise NetworkError(f"The {what} must be a whole number; it was {value!r}.")
    _within(what, value, allowed)


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise NetworkError(f"The {what} must be one of {', '.join(allowed)}; it was {value!r}.")


@dataclass(frozen=True)
class Activation:
    """An activation function by name; `slope` is that of leaky ReLU below zero, 0 for every other."""

    name: ActivationName = "relu"
    slope: float = 0.0

    def __post_init__(self) -> None:
        _one_of("activation", self.name, ACTIVATIONS)
        if self.name == "leaky_relu":
            _hundredths_within("slope of leaky ReLU", self.slope, SLOPE)
        elif self.slope != 0.0:
            raise NetworkError(
                f"A slope belongs to leaky_relu only; {self.name} was given {self.slope}."
            )


@dataclass(frozen=True)
class Pooling:
    """Windows of `size` x `size` taken every `stride` cells, without padding (Keras's "valid")."""

    kind: PoolingKind = "max"
    size: int = 2
    stride: int = 2

    def __post_init__(self) -> None:
        _one_of("pooling", self.kind, POOLINGS)
        _whole_within("pooling size", self.size, POOL_SIZE)
        _whole_within("pooling stride", self.stride, POOL_SIZE)


@dataclass(frozen=True)
class ConvolutionBlock:
    """Convolution, then (if asked) batch normalization, activation, pooling and dropout, in this order.

    The kernel reads cells that lie `dilation` apart; only a block without stride has one, as in Keras.
    """

    filters: int = 8
    kernel: int = 3
    stride: int = 1
    padding: Padding = "valid"
    batch_normalization: bool = False
    activation: Activation = Activation("relu")
    pooling: Pooling | None = Pooling()
    dropout: float = 0.0
    dilation: int = 1

    def __post_init__(self) -> None:
        _whole_within("number of filters", self.filters, FILTERS)
        _whole_within("kernel size", self.kernel, KERNEL)
        _whole_within("stride", self.stride, STRIDE)
        _whole_within("dilation", self.dilation, DILATION)
        if self.stride > 1 and self.dilation > 1:
            raise NetworkError(
                "Keras has no convolution with both a stride and a dilation above 1; this block was"
                f" given stride {self.stride} and dilation {self.dilation}. Set one of them to 1."
            )
        _one_of("padding", self.padding, PADDINGS)
        _hundredths_within("dropout", self.dropout, DROPOUT)


@dataclass(frozen=True)
class DenseLayer:
    """A fully connected hidden layer, then (if asked) dropout."""

    units: int = 100
    activation: Activation = Activation("relu")
    dropout: float = 0.0

    def __post_init__(self) -> None:
        _whole_within("number of units", self.units, UNITS)
        _hundredths_within("dropout", self.dropout, DROPOUT)


@dataclass(frozen=True)
class Network:
    """Convolution blocks, a flattening, hidden dense layers, an output.

    The output has one unit a class with "softmax"; "sigmoid" is for two classes and has one unit,
    the probability of the second class.
    """

    blocks: tuple[ConvolutionBlock, ...] = ()
    flattening: Flattening = "flatten"
    dense: tuple[DenseLayer, ...] = ()
    output: Output = "softmax"

    def __post_init__(self) -> None:
        _whole_within("number of convolution blocks", len(self.blocks), BLOCKS)
        _one_of("flattening", self.flattening, FLATTENINGS)
        _whole_within("number of hidden dense layers", len(self.dense), DENSE_LAYERS)
        _one_of("output", self.output, OUTPUTS)
