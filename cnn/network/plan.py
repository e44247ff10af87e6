"""A network unrolled for one image size: every layer with its shapes, weights and costs.

The plan is what everything else reads: the Keras model, the NumPy forward pass, the exported
script, the layer table and the pictures all walk `Plan.layers` in order.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from cnn.network.layers import (
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Layer,
    Operation,
    ReceptiveField,
    Shape,
    Softmax,
    Weight,
)
from cnn.network.spec import (
    Activation,
    ConvolutionBlock,
    DenseLayer,
    Network,
    NetworkError,
)
from cnn.operations import output_size, padding_cells, span


@dataclass(frozen=True)
class Plan:
    """A network unrolled for images of `image_shape` (height, width, channels) and its classes."""

    network: Network
    image_shape: tuple[int, int, int]
    classes: int
    layers: tuple[Layer, ...]

    @property
    def answers(self) -> bool:
        """Whether the last layer is the output; `upto` leaves it out."""
        return bool(self.layers) and self.layers[-1].name == self.network.output

    def upto(self, name: str) -> "Plan":
        """The network's beginning, up to and including the layer called `name`; KeyError if none is.

        Its weights are the first of the whole network's.
        """
        return replace(self, layers=self.layers[: self.layers.index(self.layer(name)) + 1])

    @property
    def weights(self) -> tuple[Weight, ...]:
        """All weights in order; `Weight.name` is "layer/weight"."""
        return tuple(weight for layer in self.layers for weight in layer.weights)

    @property
    def parameters(self) -> int:
        """Numbers in all weights together."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_accumulates(self) -> int:
        """Multiplications with an addition, for one image."""
        return sum(layer.multiply_accumulates for layer in self.layers)

    @property
    def outputs(self) -> int:
        """Numbers that all layers together give for one image."""
        return sum(layer.outputs for layer in self.layers)

    def layer(self, name: str) -> Layer:
        """The layer called `name`; KeyError if there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    def split(self, vector: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """The weights by name, as views of one flat vector in the order of `weights`.

        Raises ValueError if the vector does not have exactly as many numbers as the plan.
        """
        if vector.shape != (self.parameters,):
            raise ValueError(f"Expected {self.parameters} weights. Received: {vector.shape}")
        parts, start = {}, 0
        for weight in self.weights:
            parts[weight.name] = vector[start : start + weight.size].reshape(weight.shape)
            start += weight.size
        return parts


class CollapseError(NetworkError):
    """A layer's window does not fit into what it reads. `block` is its convolution block, from 0."""

    def __init__(self, message: str, block: int) -> None:
        super().__init__(message)
        self.block = block


class _Unroller:
    """Adds layer after layer, each reading the shape that the one before left."""

    def __init__(self, image_shape: tuple[int, int, int]) -> None:
        self.layers: list[Layer] = []
        self.shape: Shape = image_shape
        self.field: ReceptiveField | None = ReceptiveField(1, 1, 0, end=image_shape[0])

    def add(
        self,
        name: str,
        operation: Operation,
        shape: Shape | None = None,
        weights: tuple[tuple[str, Shape, bool], ...] = (),
        multiply_accumulates: int = 0,
        block: int | None = None,
    ) -> None:
        output_shape = self.shape if shape is None else shape
        named = tuple(Weight(f"{name}/{part}", size, learns) for part, size, learns in weights)
        self.layers.append(
            Layer(
                name,
                operation,
                self.shape,
                output_shape,
                named,
                multiply_accumulates,
                self.field,
                block,
            )
        )
        self.shape = output_shape

    def slide(self, what: str, window: int, stride: int, padding: str, block: int) -> int:
        """The size of the map after a window has moved over it; the receptive field grows."""
        size = self.shape[0]
        result = output_size(size, window, stride, padding)
        if result < 1:
            raise CollapseError(
                f"{what} of block {block + 1} needs at least {window} x {window} cells and gets "
                f"{size} x {size}: nothing would be left of the maps.",
                block,
            )
        before, _ = padding_cells(size, window, stride, padding)
        assert self.field is not None
        self.field = self.field.through(window, stride, before, result)
        return result

    def convolution_block(self, block: ConvolutionBlock, number: int) -> None:
        label = number + 1
        channels = self.shape[2]
        dilated = f" with dilation {block.dilation}" if block.dilation > 1 else ""
        size = self.slide(
            f"The {block.kernel} x {block.kernel} convolution{dilated}",
            span(block.kernel, block.dilation),
            block.stride,
            block.padding,
            number,
        )
        self.add(
            f"convolution_{label}",
            Convolution(block.filters, block.kernel, block.stride, block.padding, block.dilation),
            (size, size, block.filters),
            (
                ("kernel", (block.kernel, block.kernel, channels, block.filters), True),
                ("bias", (block.filters,), True),
            ),
            size * size * block.filters * block.kernel**2 * channels,
            number,
        )
        if block.batch_normalization:
            parts = (("gamma", True), ("beta", True), ("moving_mean", False))
            self.add(
                f"batch_normalization_{label}",
                BatchNormalization(),
                weights=tuple(
                    (part, (block.filters,), learns)
                    for part, learns in (*parts, ("moving_variance", False))
                ),
                multiply_accumulates=prod(self.shape),
                block=number,
            )
        if block.activation.name != "linear":
            self.add(f"activation_{label}", block.activation, block=number)
        if block.pooling:
            pooling = block.pooling
            size = self.slide(
                f"The {pooling.size} x {pooling.size} {pooling.kind} pooling",
                pooling.size,
                pooling.stride,
                "valid",
                number,
            )
            self.add(f"pooling_{label}", pooling, (size, size, block.filters), block=number)
        if block.dropout:
            self.add(f"dropout_{label}", Dropout(block.dropout), block=number)

    def dense(self, name: str, units: int, block: int | None = None) -> None:
        inputs = self.shape[0]
        weights = (("kernel", (inputs, units), True), ("bias", (units,), True))
        self.add(name, Dense(units), (units,), weights, inputs * units, block)

    def dense_layer(self, layer: DenseLayer, number: int) -> None:
        label = number + 1
        self.dense(f"dense_{label}", layer.units, number)
        if layer.activation.name != "linear":
            self.add(f"dense_activation_{label}", layer.activation, block=number)
        if layer.dropout:
            self.add(f"dense_dropout_{label}", Dropout(layer.dropout), block=number)


@lru_cache(maxsize=256)
def plan(network: Network, image_shape: tuple[int, int, int], classes: int) -> Plan:
    """Unroll `network` for square images of `image_shape` (height, width, channels).

    Raises `CollapseError` where a window does not fit into the map it reads, and `NetworkError`
    for a sigmoid output with other than two classes; both messages are for the user.
    """
    if network.output == "sigmoid" and classes != 2:
        raise NetworkError(
            f"A sigmoid output tells two classes apart; these data have {classes}. "
            "Choose softmax, or keep only two classes on the Data page."
        )
    unroller = _Unroller(image_shape)
    for number, block in enumerate(network.blocks):
        unroller.convolution_block(block, number)
    unroller.field = None
    height, width, channels = unroller.shape
    if network.flattening == "flatten":
        unroller.add("flatten", Flatten(), (height * width * channels,))
    else:
        unroller.add("global_average", GlobalAverage(), (channels,))
    for number, layer in enumerate(network.dense):
        unroller.dense_layer(layer, number)
    if network.output == "softmax":
        unroller.dense("logits", classes)
        unroller.add("softmax", Softmax())
    else:
        unroller.dense("logits", 1)
        unroller.add("sigmoid", Activation("sigmoid"))
    return Plan(network, image_shape, classes, tuple(unroller.layers))
