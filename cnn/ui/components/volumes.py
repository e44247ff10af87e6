"""The volumes of a network, drawn to scale."""

from math import sqrt
from typing import Any

from cnn.network.plan import Convolution, Dense, Flatten, GlobalAverage, Plan, Shape
from cnn.network.spec import Pooling
from cnn.ui.common import formatting
from cnn.ui.components.component import component, pack

_component = component("volumes")


def volumes(plan: Plan) -> None:
    """Draw the input and every layer that changes the shape of what flows through it."""
    boxes = [_box("Input", plan.image_shape, "input")]
    for layer in plan.layers:
        kind = {
            Convolution: "convolution",
            Pooling: "pooling",
            Flatten: "vector",
            GlobalAverage: "vector",
            Dense: "output" if layer.name == "logits" else "vector",
        }.get(type(layer.operation))
        if kind:
            title = "Output" if layer.name == "logits" else formatting.layer_title(layer)
            boxes.append(_box(title, layer.output_shape, kind))
    _component(key="volumes", data=pack({"boxes": boxes}, b""))


def _box(title: str, shape: Shape, kind: str) -> dict[str, Any]:
    """A vector is drawn as a sheet one cell deep with as many cells as it has numbers."""
    side = sqrt(shape[0])
    height, width, depth = shape if len(shape) == 3 else (side, side, 1)
    sizes = {"height": height, "width": width, "depth": depth}
    return {"title": title, "shape": formatting.shape(shape), "kind": kind} | sizes
