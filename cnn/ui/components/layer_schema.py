"""The layers of a network as they are sent to the browser's half of the network view."""

from collections.abc import Mapping
from typing import Any

from cnn.inspection.edits import Edits
from cnn.inspection.units import IMAGE
from cnn.network.layers import (
    Activation,
    BatchNormalization,
    Convolution,
    Layer,
    Operation,
    Pooling,
)
from cnn.network.layers.activation import FORMULAS
from cnn.network.plan import Plan
from cnn.operations import NORMALIZATION_EPSILON
from cnn.ui.common import formatting

_SHORTER = {"batch_normalization": "normalization", "global_average": "average"}


def stages(
    plan: Plan, values: Mapping[str, int], weights: Mapping[str, int], edits: Edits
) -> list[dict[str, Any]]:
    """The input and every layer but dropout, each of which reads the one before it.

    `values` and `weights` say where an array starts in its row; one that is not in them is not
    sent to the browser. The output, unless it was left out, has one probability per class.
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
        "kind": browser_kind(layer.operation),
        "title": formatting.layer_title(layer),
        "note": f"{formatting.shape(layer.output_shape)} · {layer.operation.setting}",
        "shape": layer.output_shape,
        "values": values.get(layer.name),
        "weights": {
            weight.name.split("/")[1]: {"start": weights.get(weight.name), "shape": weight.shape}
            for weight in layer.weights
        },
    }
    return described | _settings(layer, edits)


def _settings(layer: Layer, edits: Edits) -> dict[str, Any]:
    """What the arithmetic of a layer depends on, besides its kind and weights."""
    match layer.operation:
        case Convolution(filters=filters):
            side, _, channels, _ = layer.weights[0].shape
            each = "" if channels == 1 else f" × {channels}"
            note = f"{filters}{each} of {side} × {side}" + ("; a row is a filter" if each else "")
            return _window(layer) | {
                "off": [filter for filter in range(filters) if (layer.name, filter) in edits.off],
                "kernelTitle": formatting.numbered("Kernels", layer),
                "kernelNote": note,
            }
        case Pooling(kind=kind):
            return _window(layer) | {"pooling": kind}
        case Activation(name=name) as activation:
            label, slope = activation.title, activation.slope
            return {"function": name, "label": label, "slope": slope, "formula": FORMULAS[name]}
        case BatchNormalization():
            return {"epsilon": NORMALIZATION_EPSILON}
    return {}


def _window(layer: Layer) -> dict[str, Any]:
    """The window along one side: maps and windows are square."""
    assert layer.window is not None
    return vars(layer.window.rows)


def browser_kind(operation: Operation | type[Operation]) -> str:
    """What the browser, which draws and explains a layer by its kind, calls this kind."""
    return _SHORTER.get(operation.layer_name, operation.layer_name)
