"""Which number of the network is looked at."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.forward import forward
from cnn.inspection.units import IMAGE, Unit, UnitError, from_text
from cnn.network.layers import Convolution, WindowSide
from cnn.network.plan import Plan
from cnn.ui.components.network_view import NOTHING
from cnn.ui.state.session import Session


def selected(
    session: Session, plan: Plan, weights: NDArray[np.float32], pixels: NDArray[np.uint8]
) -> Unit | None:
    """The number that the session has chosen; until one is chosen, a telling one.

    None where the visitor wants none. A choice that this network has not is told and forgotten.
    """
    if session.unit == NOTHING:
        return None
    if session.unit is not None:
        try:
            unit = from_text(session.unit, plan)
            if unit.layer == IMAGE or not plan.layer(unit.layer).operation.training_only:
                return unit
            st.warning(f"The layer {unit.layer} does nothing after training; it is not shown.")
        except UnitError as error:
            st.warning(f"{error} A number of this network is shown instead.")
        session.unit = None
    return telling(plan, weights, pixels)


def telling(plan: Plan, weights: NDArray[np.float32], pixels: NDArray[np.uint8]) -> Unit:
    """The strongest cell of the second convolution, or of the only one, or the largest logit.

    One that the next window reads: a number that has a part in the answer.
    """
    outputs = forward(plan, weights, pixels[None])
    names = [one.name for one in plan.layers if isinstance(one.operation, Convolution)]
    layer = names[min(1, len(names) - 1)] if names else "logits"
    values = np.nan_to_num(outputs[layer][0])
    if names:
        values = np.where(_read(plan, layer)[..., None], values, -np.inf)
    place = [int(at) for at in np.unravel_index(values.argmax(), values.shape)]
    if len(place) == 1:
        return Unit(layer, place[0])
    row, column, channel = place
    return Unit(layer, channel, row, column)


def _read(plan: Plan, layer: str) -> NDArray[np.bool_]:
    """Which cells of a layer's maps the next window reads: (rows, columns)."""
    place = [one.name for one in plan.layers].index(layer)
    read = np.ones(plan.layers[place].output_shape[:2], np.bool_)
    for follower in plan.layers[place + 1 :]:
        if window := follower.window:
            read[:] = np.outer(
                _read_along(window.rows, len(read)), _read_along(window.columns, read.shape[1])
            )
        if not follower.operation.pointwise:
            return read
    return read


def _read_along(side: WindowSide, cells: int) -> NDArray[np.bool_]:
    """Which of the `cells` along one side the window reads at any of its positions."""
    read = {cell for position in range(side.positions(cells)) for cell in side.cells_read(position)}
    return np.isin(np.arange(cells), list(read))
