"""One number inside a network, or one whole filter, and its name in an address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cnn.arrays import Array, Mask
from cnn.network.layers import Convolution, Layer, WindowSide
from cnn.network.plan import Plan

_TEXT = re.compile(
    r"(?P<layer>[a-z_0-9]{1,40})"
    r"(?:-map(?P<map>\d{1,4})(?:-row(?P<row>\d{1,4})-column(?P<column>\d{1,4}))?"
    r"|-unit(?P<unit>\d{1,6}))",
    re.ASCII,
)

_EITHER_SPELLING = re.compile("batch_normali[sz]ation")
"""Links of the first edition have the British spelling of this layer."""

IMAGE = "image"
"""What the network reads goes by this name among the layers."""


class UnitError(ValueError):
    """A unit that a network does not have; the message is a sentence for the person who asked."""


@dataclass(frozen=True)
class Unit:
    """A number that a layer gives, or with `row` and `column` None a whole map with its kernels.

    `channel` is the map, or the unit of a layer without maps, where `row` and `column` are None.
    All count from 0; in words and addresses people count from 1.
    """

    layer: str
    channel: int
    row: int | None = None
    column: int | None = None

    @property
    def place(self) -> tuple[int, ...]:
        """Where it is in its layer's output: (row, column, channel) or (unit,)."""
        if self.row is None or self.column is None:
            return (self.channel,)
        return self.row, self.column, self.channel


def to_text(unit: Unit, plan: Plan) -> str:
    """The unit as an address names it: `convolution_2-map3-row5-column7`, `dense_1-unit17`."""
    if len(_shape(plan, unit.layer)) == 1:
        return f"{unit.layer}-unit{unit.channel + 1}"
    if unit.row is None or unit.column is None:
        return f"{unit.layer}-map{unit.channel + 1}"
    return f"{unit.layer}-map{unit.channel + 1}-row{unit.row + 1}-column{unit.column + 1}"


def from_text(text: str, plan: Plan) -> Unit:
    """The unit of this plan that a text names.

    Raises UnitError for a text that names none, or one that the network does not have.
    """
    match = _TEXT.fullmatch(_EITHER_SPELLING.sub("batch_normalization", text.strip().lower()))
    if not match:
        raise UnitError(
            f"The address asks for the number at {text[:60]!r}, which could not be read. It should"
            " read like convolution_2-map3-row5-column7 or dense_1-unit17."
        )
    try:
        shape = _shape(plan, match["layer"])
    except KeyError:
        raise UnitError(f"This network has no layer called {match['layer']!r}.") from None
    sizes = [match["row"], match["column"], match["map"]] if len(shape) == 3 else [match["unit"]]
    numbers = [None if size is None else int(size) - 1 for size in sizes]
    if numbers[-1] is None:
        kind = "maps" if len(shape) == 3 else "units"
        raise UnitError(f"The layer {match['layer']} has {kind}; the address says {text[:60]!r}.")
    for number, size in zip(numbers, shape, strict=True):
        if number is not None and not 0 <= number < size:
            raise UnitError(
                f"The layer {match['layer']} is {' × '.join(map(str, shape))}; there is no {text[:60]!r} in it."
            )
    row, column = numbers[:2] if len(shape) == 3 else (None, None)
    return Unit(match["layer"], numbers[-1], row, column)


def _shape(plan: Plan, layer: str) -> tuple[int, ...]:
    if plan.answers and layer == plan.network.output:
        return (plan.classes,)  # one probability a class, also where one unit gives both
    return plan.image_shape if layer == IMAGE else plan.layer(layer).output_shape


def telling_unit(plan: Plan, outputs: Mapping[str, Array]) -> Unit:
    """The number that a view opens at, a strong one that has a part in the answer.

    The strongest cell, of those that the next window reads, of the second convolution, or of the
    only one; without convolutions the largest logit. `outputs` are those of `forward` for one image.
    """
    convolutions = [one for one in plan.layers if isinstance(one.operation, Convolution)]
    if not convolutions:
        return Unit("logits", int(np.nan_to_num(outputs["logits"][0]).argmax()))
    layer = convolutions[:2][-1]
    values = np.nan_to_num(outputs[layer.name][0])
    values = np.where(_read_by_next(plan, layer)[..., None], values, -np.inf)
    row, column, channel = map(int, np.unravel_index(values.argmax(), values.shape))
    return Unit(layer.name, channel, row, column)


def _read_by_next(plan: Plan, layer: Layer) -> Mask:
    """Which cells of a layer's maps the next window reads: (rows, columns)."""
    rows, columns, _ = layer.output_shape
    after = plan.layers[plan.layers.index(layer) + 1 :]
    window = next((one.window for one in after if not one.operation.pointwise), None)
    if window is None:
        return np.ones((rows, columns), np.bool_)
    return np.outer(_along(window.rows, rows), _along(window.columns, columns))


def _along(side: WindowSide, cells: int) -> Mask:
    """Which of the `cells` along one side the window reads at any of its positions."""
    read = {cell for position in range(side.positions(cells)) for cell in side.cells_read(position)}
    return np.isin(np.arange(cells), list(read))
