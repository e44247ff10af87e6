"""The layers of a network as they are sent to the browser's half of the network view."""

from collections.abc import Callable, Mapping
from typing import Any

from cnn.inspection.edits import Edits
from cnn.inspection.units import IMAGE
from cnn.network.layers import (
    Activation,
    BatchNormalization,
    Convolution,
    Dense,
    Flatten,
    GlobalAverage,
    Layer,
    Operation,
    Pooling,
    Softmax,
)
from cnn.network.layers.activation import FORMULAS
from cnn.network.plan import Plan
from cnn.operations import NORMALIZATION_EPSILON
from cnn.ui.common import formatting


def stages(
    plan: Plan, values: Mapping[str, int], weights: Mapping[str, int], edits: Edits
) -> list[dict[str, Any]]:
    """The input and every layer but dropout, each of which reads the one before it.

    `values` and `weights` say where an array starts in its row; one that is not in them is not
    told to the browser. The output, unless it was left out, has one probability a class.
    """
    note = f"{formatting.shape(plan.image_shape)}, 0 to 1"
    image: dict[str, Any] = {"name": IMAGE, "kind": "image", "title": "Input", "note": note}
    described = [image | {"shape": plan.image_shape, "values": values.get(IMAGE)}]
    for layer in plan.layers:
        if not layer.operation.training_only:
            described.append(_stage(layer, values, weights, edits))
    if plan.answers:
        described[-1] |= {"output": True, "shape": (plan.classes,)}
    return described


def _stage(
    layer: Layer, values: Mapping[str, int], weights: Mapping[str, int], edits: Edits
) -> dict[str, Any]:
    described = {
        "name": layer.name,
        "title": formatting.layer_title(layer),
        "note": f"{formatting.shape(layer.output_shape)} · {layer.operation.setting}",
        "shape": layer.output_shape,
        "values": values.get(layer.name),
        "weights": {
            weight.name.split("/")[1]: {"start": weights.get(weight.name), "shape": weight.shape}
            for weight in layer.weights
        },
    }
    return described | DRAWN[type(layer.operation)](layer.operation, layer, edits)


def _convolution(operation: Convolution, layer: Layer, edits: Edits) -> dict[str, Any]:
    off = [filter for filter in range(operation.filters) if (layer.name, filter) in edits.off]
    titles = {
        "kernelTitle": formatting.kernel_title(layer),
        "kernelNote": formatting.kernel_note(layer),
    }
    return {"kind": "convolution", "off": off} | _window(layer) | titles


def _pooling(operation: Pooling, layer: Layer, edits: Edits) -> dict[str, Any]:
    return {"kind": "pooling", "pooling": operation.kind} | _window(layer)


def _window(layer: Layer) -> dict[str, int]:
    """The window along one side: maps and windows are square."""
    assert layer.window is not None
    return vars(layer.window.rows)


def _activation(operation: Activation, layer: Layer, edits: Edits) -> dict[str, Any]:
    return {
        "kind": "activation",
        "function": operation.name,
        "label": operation.title,
        "slope": operation.slope,
        "formula": FORMULAS[operation.name],
    }


def _batch_normalization(
    operation: BatchNormalization, layer: Layer, edits: Edits
) -> dict[str, Any]:
    return {"kind": "normalization", "epsilon": NORMALIZATION_EPSILON}


def _kind(name: str) -> Callable[[Operation, Layer, Edits], dict[str, Any]]:
    """For layers whose arithmetic depends on nothing but the kind."""
    return lambda operation, layer, edits: {"kind": name}


DRAWN: dict[type[Operation], Callable[[Any, Layer, Edits], dict[str, Any]]] = {
    Convolution: _convolution,
    BatchNormalization: _batch_normalization,
    Activation: _activation,
    Pooling: _pooling,
    Flatten: _kind("flatten"),
    GlobalAverage: _kind("average"),
    Dense: _kind("dense"),
    Softmax: _kind("softmax"),
}
"""What the arithmetic of each kind of layer depends on, for the browser to draw and to explain."""
