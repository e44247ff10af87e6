"""The layers of a network as they are sent to the browser's half of the network view."""

from collections.abc import Mapping
from typing import Any

from cnn.inspection.edits import Edits
from cnn.inspection.units import IMAGE
from cnn.network.layers import (
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Layer,
    Softmax,
)
from cnn.network.plan import Plan
from cnn.network.spec import Activation, Pooling
from cnn.operations import NORMALISATION_EPSILON, padding_cells, span
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
        if not isinstance(layer.operation, Dropout):
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
        "note": f"{formatting.shape(layer.output_shape)} · {formatting.layer_setting(layer)}",
        "shape": layer.output_shape,
        "values": values.get(layer.name),
        "weights": {
            weight.name.split("/")[1]: {"start": weights.get(weight.name), "shape": weight.shape}
            for weight in layer.weights
        },
    }
    return described | _operation(layer, edits)


def _operation(layer: Layer, edits: Edits) -> dict[str, Any]:
    """What the arithmetic of a layer depends on."""
    match layer.operation:
        case Convolution(filters, size, stride, padding, dilation):
            window = span(size, dilation)
            before, after = padding_cells(layer.input_shape[0], window, stride, padding)
            return {
                "kind": "convolution",
                "size": size,
                "stride": stride,
                "dilation": dilation,
                "before": before,
                "after": after,
                "off": [filter for filter in range(filters) if (layer.name, filter) in edits.off],
                "kernelTitle": formatting.kernel_title(layer),
                "kernelNote": formatting.kernel_note(layer),
            }
        case BatchNormalisation():
            return {"kind": "normalisation", "epsilon": NORMALISATION_EPSILON}
        case Activation(name, slope):
            formula = formatting.FORMULAS[name]
            label = formatting.ACTIVATION_NAMES[name]
            return {
                "kind": "activation",
                "function": name,
                "label": label,
                "slope": slope,
                "formula": formula,
            }
        case Pooling(kind, size, stride):
            return {"kind": "pooling", "pooling": kind, "size": size, "stride": stride}
        case Flatten():
            return {"kind": "flatten"}
        case GlobalAverage():
            return {"kind": "average"}
        case Dense():
            return {"kind": "dense"}
        case Softmax():
            return {"kind": "softmax"}
        case other:
            raise TypeError(f"Expected an operation of a plan. Received: {other!r}")
