"""The message to the browser about a network at work on one image: every value, every weight."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite, prod
from typing import Any, Literal

import numpy as np

from cnn.arrays import Array, Pixels
from cnn.inspection.classic_kernels import CLASSIC_KERNELS
from cnn.inspection.edits import Edits
from cnn.inspection.forward import class_probabilities, forward
from cnn.inspection.units import Unit
from cnn.network.plan import Plan
from cnn.ui.common.epoch_marks import Marks
from cnn.ui.common.theme import SIGNED
from cnn.ui.components.component import pack
from cnn.ui.components.layer_schema import stages

Scale = Literal["map", "layer", "network"]
Limits = Mapping[str, tuple[float, float]]
"""The largest size on the color scale of a layer, by its name: of its values, and of its kernels."""

MOST_BYTES = 8_000_000
"""What a browser is given of one image's values and the network's weights, and of a film."""

_DECISIVE = ("scale", "truth", "edits", "winners", "limits")
"""Fields of a `Picture` on which the look of its layers depends, besides its image and weights."""
_OPTIONS = (
    "scale",
    "enlarged",
    "follows",
    "winners",
    "padded",
    "small",
    "limits",
    "together",
    "other",
    "subject",
)
"""Fields of a `Picture` that say how it is drawn, which the browser is given as they are."""

_HINT = "Point at any cell for its value; click it for the arithmetic that made it."


@dataclass(frozen=True, eq=False)
class Timeline:
    """The course of a run: the epochs whose weights were kept, the one shown, and the losses.

    `losses` has for every epoch its number, training loss and validation loss; `run` names the run.
    One click goes to an epoch of `marks`.
    """

    run: str
    kept: tuple[int, ...]
    shown: int
    losses: tuple[tuple[int, float, float], ...]
    marks: Marks = ()


@dataclass(frozen=True, eq=False)
class Keras:
    """Keras's own outputs for the image, by layer: none yet while a worker is being asked.

    `fault` is a sentence where it could not be asked.
    """

    outputs: Mapping[str, Array] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True, eq=False)
class Picture:
    """All that the view draws: flat `weights` of `plan` at work on one image.

    `image` is uint8 (height, width, channels); `truth` is the number of its class, None if not
    known. `film` has flat weights of the same network after other epochs. The maps are drawn
    `enlarged` times as large as on the Inspect page, and of the layers only the one called `first`
    and those after it ("": all), behind the image. Where the receipt `follows` the pointer, it is
    that of the cell pointed at, and a pixel of the image stands for the first convolution's window
    around it. With `winners` the cells that max pooling passes on have a dot, with `padded` the
    zeros are drawn that the first convolution puts around the image. A layer named in `limits` is drawn
    on that scale whatever its own values are; views that are `together` by the same name move
    through their epochs as one. `outputs` are those of `forward`, where the image has been through the
    network already, `trained_outputs` the same without the `edits`. The unit `pulse` is marked as the one
    to click; the receipt of a class compares it with the class `other`. `subject` says what the image is, in
    a few words, for the page's headline; "": it has none. A `small` network leaves room for what stands beside it.
    """

    plan: Plan
    weights: Array
    image: Pixels
    classes: tuple[str, ...]
    truth: int | None = None
    scale: Scale = "layer"
    selected: Unit | None = None
    edits: Edits = field(default_factory=Edits)
    timeline: Timeline | None = None
    film: Mapping[int, Array] = field(default_factory=dict)
    keras: Keras | None = None
    enlarged: int = 1
    first: str = ""
    follows: bool = False
    winners: bool = False
    padded: bool = False
    limits: Limits = field(default_factory=dict)
    together: str = ""
    outputs: Mapping[str, Array] | None = None
    trained_outputs: Mapping[str, Array] | None = None
    pulse: Unit | None = None
    other: int | None = None
    subject: str = ""
    small: bool = False


def message(
    picture: Picture, known_weights: str = "", confirmed: Mapping[str, str] | None = None
) -> tuple[bytes, str]:
    """What the browser needs to draw `picture`, and the name of the weights in it.

    Weights that the browser has already, `known_weights`, are not sent again. What does not fit
    into MOST_BYTES is left out, the largest arrays first, and the view says so. `confirmed` has, for each
    of the choices "unit", "epoch" and "kernel" that the browser is to send, the token of the last one
    received, "" for none; None: the first two are to be sent, and none was received.
    """
    plan = picture.plan
    arrays = plan.split(picture.weights)
    values = _values(plan, picture.outputs or forward(plan, picture.weights, picture.image[None]))
    kept = _what_fits(values | arrays)
    value_places, value_row = _row(values, kept)
    weight_places, weight_row = _row(arrays, kept)
    name = _digest(weight_row, tuple(weight_places))
    rows = {"values": value_row}
    if name != known_weights:
        rows["weights"] = weight_row
    if picture.edits and picture.trained_outputs:
        rows["trained"] = _row(_values(plan, picture.trained_outputs), kept)[1]
    if (keras := _keras_row(picture)) is not None:
        rows["keras"] = keras
    if picture.film:
        rows["film"] = np.concatenate(list(_film_rows(picture, kept)))
    starts, timeline = _starts(rows), picture.timeline
    layers = stages(plan, value_places, weight_places, picture.edits)
    names = [layer["name"] for layer in layers]
    for layer in layers[1 : names.index(picture.first) if picture.first else 1]:
        layer["hidden"] = True
    head: dict[str, Any] = {option: getattr(picture, option) for option in _OPTIONS} | {
        "layers": layers,
        "classes": picture.classes,
        "truth": picture.truth,
        "palettes": SIGNED,
        "hint": _HINT,
        "confirmed": {"unit": "", "epoch": ""} if confirmed is None else confirmed,
        "rows": {row_name: [starts[row_name], row.size] for row_name, row in rows.items()},
        "weightsName": name,
        "drawn": _digest(picture.image, name, *(getattr(picture, field) for field in _DECISIVE)),
        "selected": picture.selected and vars(picture.selected),
        "pulse": picture.pulse and vars(picture.pulse),
        "classics": _classics(picture),
        "comparesKeras": picture.keras is not None,
        "keras": picture.keras and {"fault": picture.keras.fault},
        "timeline": timeline and _course(timeline, plan),
        "filmName": timeline and _digest(picture.image, picture.edits, timeline.run, timeline.kept),
        "filmEpochs": list(picture.film),
    }
    return pack(head, np.concatenate(list(rows.values())).astype("<f4").tobytes()), name


def epochs_that_fit(plan: Plan) -> int:
    """For how many epochs a film of this network may show it."""
    numbers = plan.outputs + plan.parameters + prod(plan.image_shape)
    return MOST_BYTES // (4 * numbers)


def largest_sizes(plan: Plan, weights: Iterable[Array], image: Pixels) -> Limits:
    """How large the values and the kernel of each layer get for an image, over several weights.

    What is not finite does not count; `image` is uint8 (height, width, channels).
    """
    sizes: dict[str, tuple[float, float]] = {}
    for vector in weights:
        outputs, arrays = forward(plan, vector, image[None]), plan.split(vector)
        for layer in plan.layers:
            values, kernel = sizes.get(layer.name, (0.0, 0.0))
            own = arrays.get(f"{layer.name}/kernel", np.zeros(0, np.float32))
            sizes[layer.name] = max(values, _size(outputs[layer.name])), max(kernel, _size(own))
    return sizes


def _size(values: Array) -> float:
    return float(np.max(np.abs(values[np.isfinite(values)]), initial=0.0))


def _values(plan: Plan, outputs: Mapping[str, Array]) -> dict[str, Array]:
    """What every layer that is drawn gives for the image; the output always as one probability per class."""
    values = dict(outputs)
    if plan.answers:
        values[plan.network.output] = class_probabilities(values[plan.network.output])
    for layer in plan.layers:
        if layer.operation.training_only:  # it passes its input on and is not drawn
            del values[layer.name]
    return {name: value[0] for name, value in values.items()}


def _classics(picture: Picture) -> list[tuple[str, str, int]]:
    """The kernels that can be loaded, while a filter is selected: name, what each does, and its side."""
    if picture.selected is None or picture.selected.row is not None:
        return []
    return [(kernel.name, kernel.does, kernel.side) for kernel in CLASSIC_KERNELS]


def _what_fits(arrays: Mapping[str, Array]) -> set[str]:
    """The names of the arrays that are sent: the smallest first, as long as there is room."""
    names = sorted(arrays, key=lambda name: arrays[name].nbytes)
    sizes = np.cumsum([arrays[name].nbytes for name in names])
    return {name for name, size in zip(names, sizes, strict=True) if size <= MOST_BYTES}


def _row(arrays: Mapping[str, Array], kept: set[str]) -> tuple[dict[str, int], Array]:
    """Where each array that is kept starts in one row of numbers, and the row."""
    packed = {name: array for name, array in arrays.items() if name in kept}
    row = np.concatenate([np.zeros(0, np.float32), *(array.ravel() for array in packed.values())])
    return _starts(packed), row


def _starts(arrays: Mapping[str, Array]) -> dict[str, int]:
    starts = np.cumsum([0, *(array.size for array in arrays.values())]).tolist()
    return dict(zip(arrays, starts, strict=False))


def _film_rows(picture: Picture, kept: set[str]) -> Iterator[Array]:
    """Epoch by epoch what the message itself has: the row of values, then the row of weights."""
    for weights in picture.film.values():
        outputs = forward(picture.plan, weights, picture.image[None])
        yield _row(_values(picture.plan, outputs), kept)[1]
        yield _row(picture.plan.split(weights), kept)[1]


def _keras_row(picture: Picture) -> Array | None:
    """Keras's values of the layer that the selected unit is in, if they are known."""
    if picture.keras is None or picture.selected is None:
        return None
    values = picture.keras.outputs.get(picture.selected.layer)
    if values is None:
        return None
    if picture.plan.answers and picture.selected.layer == picture.plan.network.output:
        values = class_probabilities(values[None])[0]
    return values.ravel()


def _course(timeline: Timeline, plan: Plan) -> dict[str, Any]:
    """The time line; what is not finite is None, for JSON has no such numbers."""
    losses = [[number if isfinite(number) else None for number in row] for row in timeline.losses]
    return vars(timeline) | {"losses": losses, "filmed": epochs_that_fit(plan) > 1}


def _digest(*parts: Any) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        digest.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return digest.hexdigest()
