"""The network at work on one image, in the browser: maps, kernels, units, probabilities."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnn.inspection.forward import class_probabilities, forward
from cnn.network.plan import Convolution, Dropout, Layer, Plan
from cnn.ui import words
from cnn.ui.colours import SIGNED
from cnn.ui.components.message import component, pack

Array = NDArray[np.float32]
Scale = Literal["map", "layer", "network"]

_HINT = "Point at any cell for its value; click a picture for its numbers."
_component = component("network_view", "class_bars")


@dataclass
class _Stages:
    """Collects what the view draws: a description of each stage and all values in one row."""

    described: list[dict[str, Any]] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)
    count: int = 0

    def put(self, values: Array) -> int:
        """Append values; returns where they start."""
        start = self.count
        self.values.append(values.ravel())
        self.count += values.size
        return start

    def add(self, title: str, note: str, kind: str, values: Array, **more: Any) -> None:
        entry = {"title": title, "note": note, "kind": kind, "shape": values.shape}
        self.described.append(entry | {"offset": self.put(values), "length": values.size} | more)


def message(
    plan: Plan,
    weights: Array,
    image: NDArray[np.uint8],
    classes: tuple[str, ...],
    truth: int | None,
    scale: Scale = "layer",
    layers: frozenset[str] | None = None,
) -> bytes:
    """What the browser needs to draw `plan` with flat `weights` at work on one image.

    `image` is uint8 (height, width, channels); `truth` is the number of its class, None if not
    known; `layers` are the names of the layers to show (None: all). The input and the
    probabilities are always there.
    """
    outputs = {name: values[0] for name, values in forward(plan, weights, image[None]).items()}
    arrays = plan.split(weights)
    stages = _Stages()
    size = words.shape(plan.image_shape)
    stages.add("Input", f"{size}, 0 to 1", "input", outputs["image"])
    for layer in plan.layers[:-2]:
        if not isinstance(layer.operation, Dropout) and (layers is None or layer.name in layers):
            _add(stages, layer, outputs[layer.name], arrays)
    last = plan.layers[-1]
    if plan.network.output == "sigmoid":
        _add(stages, plan.layers[-2], outputs["logits"], arrays)
    logits = stages.put(outputs["logits"]) if plan.network.output == "softmax" else None
    note = f"from the logits: {words.layer_setting(last)}"
    probabilities = class_probabilities(outputs[last.name][None])[0]
    stages.add(words.layer_title(last), note, "classes", probabilities, logits=logits)
    head = {
        "layers": stages.described,
        "classes": classes,
        "truth": truth,
        "scale": scale,
        "palettes": SIGNED,
        "hint": _HINT,
    }
    return pack(head, np.concatenate(stages.values).astype("<f4").tobytes())


def _add(stages: _Stages, layer: Layer, values: Array, weights: dict[str, Array]) -> None:
    title = words.layer_title(layer)
    if isinstance(layer.operation, Convolution):
        kernel = weights[f"{layer.name}/kernel"]
        side, _, channels, filters = kernel.shape
        plural = "channels" if channels > 1 else "channel"
        note = f"{filters} filters × {channels} {plural} of {side} × {side}; a row is a filter"
        if channels == 1:
            note = f"{filters} filters of {side} × {side}"
        number = "" if layer.block is None else f" {layer.block + 1}"
        stages.add(f"Kernels{number}", note, "kernels", kernel)
    note = f"{words.shape(layer.output_shape)} · {words.layer_setting(layer)}"
    if values.ndim == 3:
        seen = layer.receptive_field
        where = seen and asdict(seen)
        stages.add(title, note, "maps", values, field=where)
    else:
        stages.add(title, note, "units", values)


def network_view(data: bytes, key: str) -> None:
    """Draw a `message` on the page."""
    _component(key=key, data=data)
