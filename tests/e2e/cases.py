"""Networks at work on one image, in Python and in the script of the network view's browser half."""

import base64
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cnn.inspection.forward import class_probabilities, forward
from cnn.inspection.keras_values import layer_values
from cnn.network.layers import Dropout, Layer
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling
from cnn.ui.components.network_message import Picture, message
from tests.strategies import random_images, random_weights

Values = NDArray[np.float32]
Place = dict[str, int | None]
"""A unit as the script has it: the layer's number, channel, row and column, all from 0."""

UNEVEN = plan(
    Network(
        (
            ConvolutionBlock(3, 4, 2, "same", pooling=Pooling("max", 3, 2)),
            ConvolutionBlock(2, 2, 3, "valid", True, pooling=None),
        ),
        dense=(DenseLayer(4),),
    ),
    (28, 28, 3),
    3,
)
"""Lopsided padding, a pooling and a stride that leave cells out, colors."""
DILATED = plan(
    Network(
        (
            ConvolutionBlock(2, 3, padding="same", dilation=3),
            ConvolutionBlock(2, 2, pooling=Pooling("average", 2, 2), dilation=3),
            ConvolutionBlock(2, 2, padding="same", pooling=None, dilation=4),
        )
    ),
    (10, 10, 1),
    2,
)
"""Gaps in padded windows, a row that no window reads between some that are, windows of padding only."""
FUNCTIONS = plan(
    Network(
        tuple(
            ConvolutionBlock(2, 3, 1, "same", activation=Activation(name), pooling=pooling)
            for name, pooling in (
                ("gelu", Pooling("average", 3, 1)),
                ("silu", None),
                ("elu", Pooling("average", 2, 3)),
            )
        ),
        "global_average",
        (
            DenseLayer(3, Activation("leaky_relu", 0.3), 0.5),
            DenseLayer(3, Activation("tanh")),
            DenseLayer(3, Activation("linear")),
        ),
        "sigmoid",
    ),
    (12, 12, 1),
    2,
)
"""The functions that few networks have, averages, a single logit."""

_NETWORK = """
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const { head, body } = component.unpack(bytes);
  const numbers = new Float32Array(body.buffer, 0, Math.floor(body.byteLength / 4));
  const row = (name) => numbers.subarray(head.rows[name][0], head.rows[name][0] + head.rows[name][1]);
  const network = component.networkOf(head, row("values"), row("weights"));
"""
EVERYTHING = (
    "(content) => {"
    + _NETWORK
    + """
  return network.layers.map((layer) => Array.from({ length: layer.length }, (_, at) => {
    const [, width, maps] = layer.shape;
    const cell = Math.floor(at / maps);
    const unit = layer.shape.length === 1
      ? { layer: layer.number, channel: at, row: null, column: null }
      : { layer: layer.number, channel: at % maps, row: Math.floor(cell / width), column: cell % width };
    return component.receiptOf(network, unit).computed;
  }));
}"""
)
RECEIPTS = (
    "([content, units]) => {"
    + _NETWORK
    + """
  return units.map((unit) => {
    const { layer, read, ...receipt } = component.receiptOf(network, unit);
    return { ...receipt, regions: component.receptiveFields(network, unit) };
  });
}"""
)
DIFFERENCES = (
    "(content) => {"
    + _NETWORK
    + """
  const { number, length } = network.layers.at(-1);
  const unit = (channel) => ({ layer: number, channel, row: null, column: null });
  return Array.from({ length }, (_, own) => Array.from({ length }, (_, other) =>
    component.differenceReceipt(network, unit(own), unit(other))));
}"""
)
READERS = (
    "([content, units]) => {"
    + _NETWORK
    + """
  return units.map((unit) => component.readersOf(network, unit));
}"""
)
DROPPED = "(content) => {" + _NETWORK + "return component.droppedLines(network); }"
WINNERS = (
    "(content) => {"
    + _NETWORK
    + """
  return network.layers.map((layer) => layer.shape.length === 1 ? null
    : Array.from({ length: layer.shape[2] }, (_, map) => {
      const won = component.winnersOf(network, layer, map);
      return won && [...won];
    }));
}"""
)


@dataclass(frozen=True)
class Case:
    """A network at work on one image, in Python; dropout, which does nothing, is left out."""

    plan: Plan
    seed: int

    @cached_property
    def weights(self) -> Values:
        return random_weights(self.plan, self.seed)

    @cached_property
    def image(self) -> NDArray[np.uint8]:
        return random_images(self.plan, self.seed)[0]

    @cached_property
    def layers(self) -> list[Layer]:
        return [layer for layer in self.plan.layers if not isinstance(layer.operation, Dropout)]

    @cached_property
    def arrays(self) -> dict[str, Values]:
        return self.plan.split(self.weights)

    @cached_property
    def outputs(self) -> list[Values]:
        """What the image and every layer give; the last as it is, one number for a sigmoid."""
        found = forward(self.plan, self.weights, self.image[None])
        return [found[name][0] for name in ("image", *(layer.name for layer in self.layers))]

    @cached_property
    def content(self) -> str:
        classes = tuple(f"class {at}" for at in range(self.plan.classes))
        content, _ = message(Picture(self.plan, self.weights, self.image, classes))
        return base64.b64encode(content).decode()

    def kerass(self) -> list[Values]:
        """Keras's own values; of the output one probability a class."""
        found = layer_values(self.plan, self.weights, self.image)
        values = [found[layer.name] for layer in self.layers]
        return [*values[:-1], class_probabilities(values[-1][None])[0]]

    def some_units(self, each: int) -> list[Place]:
        """Of every layer, `each` numbers at random and the first and the last."""
        random = np.random.default_rng(self.seed)
        units: list[Place] = []
        for number, layer in enumerate(self.layers, 1):
            last = number == len(self.layers)
            shape = (self.plan.classes,) if last else layer.output_shape
            size = int(np.prod(shape))
            for at in sorted({0, size - 1, *random.integers(0, size, each).tolist()}):
                *cell, channel = (int(place) for place in np.unravel_index(at, shape))
                row, column = cell or (None, None)
                units.append({"layer": number, "channel": channel, "row": row, "column": column})
        return units
