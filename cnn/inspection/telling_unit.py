"""The number that a view of a network opens at: a strong one that has a part in the answer."""

from collections.abc import Mapping

import numpy as np

from cnn.arrays import Array, Mask
from cnn.inspection.units import Unit
from cnn.network.layers import Convolution, Layer, WindowSide
from cnn.network.plan import Plan


def telling_unit(plan: Plan, outputs: Mapping[str, Array]) -> Unit:
    """The strongest cell of the second convolution, or of the only one, or the largest logit.

    One that the next window reads. `outputs` are those of `forward` for one image.
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
