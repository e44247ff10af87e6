"""What a network is, before and apart from any training.

A `Network` is a value: frozen, comparable, hashable. It says nothing about the size of the images it
will read; `cnn.network.plan` unrolls it for one image shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from cnn.network.layers import Activation as Activation
from cnn.network.layers import (
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Operation,
    Softmax,
)
from cnn.network.layers import Pooling as Pooling
from cnn.network.layers.activation import SLOPE as SLOPE
from cnn.network.layers.activation import ActivationName as ActivationName
from cnn.network.layers.base import PADDINGS as PADDINGS
from cnn.network.layers.base import Padding as Padding
from cnn.network.layers.pooling import POOL_SIZE as POOL_SIZE
from cnn.network.layers.pooling import PoolingKind as PoolingKind
from cnn.network.layers.settings import NetworkError as NetworkError
from cnn.network.layers.settings import Range as Range
from cnn.network.layers.settings import check_hundredths, check_one_of, check_whole

Flattening = Literal["flatten", "global_average"]
Output = Literal["softmax", "sigmoid"]

FLATTENINGS: tuple[Flattening, ...] = get_args(Flattening)
OUTPUTS: tuple[Output, ...] = get_args(Output)

FLATTENING_LAYERS: dict[Flattening, Operation] = {
    "flatten": Flatten(),
    "global_average": GlobalAverage(),
}
OUTPUT_LAYERS: dict[Output, Operation] = {"softmax": Softmax(), "sigmoid": Activation("sigmoid")}

BLOCKS = Range(0, 5)
DENSE_LAYERS = Range(0, 3)
FILTERS = Range(1, 128)
KERNEL = Range(1, 11)
STRIDE = Range(1, 4)
DILATION = Range(1, 4)
UNITS = Range(1, 512)
DROPOUT = Range(0.0, 0.9)

_RELU = Activation("relu")
_HALVING = Pooling("max", 2, 2)


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
    activation: Activation = _RELU
    pooling: Pooling | None = _HALVING
    dropout: float = 0.0
    dilation: int = 1

    def __post_init__(self) -> None:
        check_whole("number of filters", self.filters, FILTERS)
        check_whole("kernel size", self.kernel, KERNEL)
        check_whole("stride", self.stride, STRIDE)
        check_whole("dilation", self.dilation, DILATION)
        check_one_of("padding", self.padding, PADDINGS)
        check_hundredths("dropout", self.dropout, DROPOUT)
        self.operations()  # each kind of layer checks its own settings

    def operations(self) -> tuple[Operation, ...]:
        """The layers of the block, in the order of the forward pass; `of` makes the block of them."""
        convolution = Convolution(
            self.filters, self.kernel, self.stride, self.padding, self.dilation
        )
        return (
            convolution,
            *([BatchNormalization()] if self.batch_normalization else []),
            *([self.activation] if self.activation.name != "linear" else []),
            *([self.pooling] if self.pooling else []),
            *([Dropout(self.dropout)] if self.dropout else []),
        )

    @classmethod
    def of(cls, operations: Sequence[Operation]) -> "ConvolutionBlock":
        """The block with these layers, of which the first is the convolution.

        Of several of the same kind the last counts. Raises NetworkError for a setting that a block
        cannot have, TypeError for layers that no block has.
        """
        return cls(**{"pooling": None, **_settings(operations)})


@dataclass(frozen=True)
class DenseLayer:
    """A fully connected hidden layer, then (if asked) dropout."""

    units: int = 100
    activation: Activation = _RELU
    dropout: float = 0.0

    def __post_init__(self) -> None:
        check_whole("number of units", self.units, UNITS)
        check_hundredths("dropout", self.dropout, DROPOUT)

    def operations(self) -> tuple[Operation, ...]:
        """The layers of the hidden layer, in the order of the forward pass; `of` reverses this."""
        return (
            Dense(self.units),
            *([self.activation] if self.activation.name != "linear" else []),
            *([Dropout(self.dropout)] if self.dropout else []),
        )

    @classmethod
    def of(cls, operations: Sequence[Operation]) -> "DenseLayer":
        """The hidden layer made of these layers; see `ConvolutionBlock.of`."""
        return cls(**_settings(operations))


def _settings(operations: Sequence[Operation]) -> dict[str, Any]:
    """The settings of the block or hidden layer that has these layers."""
    settings: dict[str, Any] = {"activation": Activation("linear")}
    for operation in operations:
        match operation:
            case Convolution() | Dense():
                settings |= vars(operation)
            case BatchNormalization():
                settings["batch_normalization"] = True
            case Activation():
                settings["activation"] = operation
            case Pooling():
                settings["pooling"] = operation
            case Dropout(rate=rate):
                settings["dropout"] = rate
            case _:
                raise TypeError(f"Expected a layer of a block. Received: {operation!r}")
    return settings


@dataclass(frozen=True)
class Network:
    """Convolution blocks, a flattening of the maps to a vector, hidden dense layers, an output.

    The output has one unit a class with "softmax"; "sigmoid" is for two classes and has one unit,
    the probability of the second class.
    """

    blocks: tuple[ConvolutionBlock, ...] = ()
    flattening: Flattening = "flatten"
    dense: tuple[DenseLayer, ...] = ()
    output: Output = "softmax"

    def __post_init__(self) -> None:
        check_whole("number of convolution blocks", len(self.blocks), BLOCKS)
        check_one_of("flattening", self.flattening, FLATTENINGS)
        check_whole("number of hidden dense layers", len(self.dense), DENSE_LAYERS)
        check_one_of("output", self.output, OUTPUTS)
