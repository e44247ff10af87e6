"""Which number of the network is viewed."""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.units import IMAGE, Unit, UnitError, from_text
from cnn.network.layers import BatchNormalisation, Convolution, Dropout
from cnn.network.plan import Plan
from cnn.network.spec import Activation, Pooling
from cnn.operations import padding_cells, span
from cnn.ui.components.network_view import NOTHING
from cnn.ui.state.session import Session


def selected(
    session: Session, plan: Plan, outputs: Mapping[str, NDArray[np.float32]]
) -> Unit | None:
    """The number that the visitor has chosen; until they choose one, a telling one of `outputs`.

    None where the visitor wants none. A warning tells of a choice that this network does not have,
    and it is forgotten.
    """
    if session.viewed.unit == NOTHING:
        return None
    if session.viewed.unit is not None:
        try:
            unit = from_text(session.viewed.unit, plan)
            if unit.layer == IMAGE or not isinstance(plan.layer(unit.layer).operation, Dropout):
                return unit
            st.warning(f"The layer {unit.layer} does nothing after training; it is not shown.")
        except UnitError as error:
            st.warning(f"{error} A number of this network is shown instead.")
        session.viewed.unit = None
    return telling(plan, outputs)


def telling(plan: Plan, outputs: Mapping[str, NDArray[np.float32]]) -> Unit:
    """The strongest cell of the second convolution, or of the only one, or the largest logit.

    One that the next window reads: a number that has a part in the answer. `outputs` are those of
    `forward` for one image.
    """
    names = [one.name for one in plan.layers if isinstance(one.operation, Convolution)]
    layer = names[min(1, len(names) - 1)] if names else "logits"
    values = np.nan_to_num(outputs[layer][0])
    if names:
        unread = ~_read(plan, layer)
        values = np.where((unread[:, None] | unread)[..., None], -np.inf, values)
    place = [int(at) for at in np.unravel_index(values.argmax(), values.shape)]
    if len(place) == 1:
        return Unit(layer, place[0])
    row, column, channel = place
    return Unit(layer, channel, row, column)


def _read(plan: Plan, layer: str) -> NDArray[np.bool_]:
    """Which rows, and as well which columns, of a layer's maps the next window reads."""
    place = [one.name for one in plan.layers].index(layer)
    read = np.ones(plan.layers[place].output_shape[0], np.bool_)
    for follower in plan.layers[place + 1 :]:
        match follower.operation:
            case Convolution(_, size, stride, padding, dilation):
                before, _ = padding_cells(len(read), span(size, dilation), stride, padding)
            case Pooling(_, size, stride):
                before, dilation = 0, 1
            case Activation() | BatchNormalisation() | Dropout():
                continue
            case _:
                return read
        starts = np.arange(follower.output_shape[0]) * stride - before
        covered = (starts[:, None] + np.arange(size) * dilation).ravel()
        read[:] = False
        read[covered[(covered >= 0) & (covered < len(read))]] = True
        return read
    return read
