"""A network unrolled for one image size: every layer with its shapes, weights and costs.

The plan is what everything else reads: the Keras model, the NumPy forward pass, the exported
script, the layer table and the pictures all walk `Plan.layers` in order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnn.arrays import Array
from cnn.network.layers import Dense, Layer, Operation, ReceptiveField, Shape, Weight
from cnn.network.spec import FLATTENING_LAYERS, OUTPUT_LAYERS, Network, NetworkError


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
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_accumulates(self) -> int:
        """Multiplications with an addition, for one image."""
        return sum(layer.multiply_accumulates for layer in self.layers)

    @property
    def outputs(self) -> int:
        return sum(layer.outputs for layer in self.layers)

    def layer(self, name: str) -> Layer:
        """The layer called `name`; KeyError if there is none."""
        return {layer.name: layer for layer in self.layers}[name]

    def split(self, vector: Array) -> dict[str, Array]:
        """The weights by name, as views of one flat vector in the order of `weights`.

        Raises ValueError if the vector does not have exactly as many numbers as the plan.
        """
        if vector.shape != (self.parameters,):
            raise ValueError(f"Expected {self.parameters} weights. Received: {vector.shape}")
        ends = np.cumsum([weight.size for weight in self.weights])
        parts = zip(self.weights, np.split(vector, ends), strict=False)  # the last part is empty
        return {weight.name: part.reshape(weight.shape) for weight, part in parts}


class CollapseError(NetworkError):
    """A layer's window does not fit into what it reads. `block` is its convolution block, from 0."""

    def __init__(self, message: str, block: int | None) -> None:
        super().__init__(message)
        self.block = block


class Step(NamedTuple):
    """A layer before it is known what it reads: its name, what it does, and its block."""

    name: str
    operation: Operation
    block: int | None = None


def steps(network: Network, classes: int) -> Iterator[Step]:
    """The layers of a network in the order of the forward pass."""
    for number, block in enumerate(network.blocks):
        for operation in block.operations():
            yield Step(f"{operation.layer_name}_{number + 1}", operation, number)
    flattening = FLATTENING_LAYERS[network.flattening]
    yield Step(flattening.layer_name, flattening)
    for number, layer in enumerate(network.dense):
        for operation in layer.operations():
            kind = operation.layer_name
            name = kind if isinstance(operation, Dense) else f"dense_{kind}"
            yield Step(f"{name}_{number + 1}", operation, number)
    yield Step("logits", Dense(classes if network.output == "softmax" else 1))
    yield Step(network.output, OUTPUT_LAYERS[network.output])


def unroll(steps: Iterable[Step], image_shape: tuple[int, int, int]) -> tuple[Layer, ...]:
    """Any sequence of layers, each of which reads what the one before gives.

    `image_shape` is (height, width, channels) of a square image. Raises `CollapseError` where a
    window does not fit into the map it reads.
    """
    layers = []
    shape: Shape = image_shape
    field: ReceptiveField | None = ReceptiveField(1, 1, 0, end=image_shape[0])
    for step in steps:
        operation = step.operation
        output_shape = operation.output_shape(shape)
        if min(output_shape) < 1:
            raise _collapse(step, shape)
        field = _field_after(field, operation, shape)
        weights = tuple(
            replace(weight, name=f"{step.name}/{weight.name}")
            for weight in operation.weights(shape)
        )
        cost = operation.multiply_accumulates(shape)
        layers.append(
            Layer(step.name, operation, shape, output_shape, weights, cost, field, step.block)
        )
        shape = output_shape
    return tuple(layers)


def _field_after(
    field: ReceptiveField | None, operation: Operation, input_shape: Shape
) -> ReceptiveField | None:
    """What a unit of a layer sees, if one that the layer reads sees `field`; None: the whole image."""
    if field is None or len(operation.output_shape(input_shape)) == 1:
        return None
    window = operation.window(input_shape)
    if window is None:
        return field
    return field.through(window.rows, window.rows.positions(input_shape[0]))


def _collapse(step: Step, shape: Shape) -> CollapseError:
    window = step.operation.window(shape)
    needed = f"{window.rows.span} x {window.columns.span}" if window else "1 x 1"
    where = step.name if step.block is None else f"block {step.block + 1}"
    return CollapseError(
        f"The {step.operation} of {where} needs at least {needed} cells and gets {shape[0]} x {shape[1]}: nothing would be left of the maps.",
        step.block,
    )


@lru_cache(maxsize=256)
def plan(network: Network, image_shape: tuple[int, int, int], classes: int) -> Plan:
    """Unroll `network` for square images of `image_shape` (height, width, channels).

    Raises `CollapseError` where a window does not fit into the map it reads, and `NetworkError`
    for a sigmoid output with other than two classes; both messages are for the user.
    """
    if network.output == "sigmoid" and classes != 2:
        raise NetworkError(
            f"A sigmoid output tells two classes apart; these data have {classes}. Choose softmax, or keep only two classes on the Data page."
        )
    layers = unroll(steps(network, classes), image_shape)
    return Plan(network, image_shape, classes, layers)
