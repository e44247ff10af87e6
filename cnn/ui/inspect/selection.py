"""Which number of the network is looked at."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.forward import forward
from cnn.inspection.unit import IMAGE, Unit, UnitError, from_text
from cnn.network.layers import Convolution, Dropout
from cnn.network.plan import Plan
from cnn.ui.components.network_view import NOTHING
from cnn.ui.session import Session


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
            if unit.layer == IMAGE or not isinstance(plan.layer(unit.layer).operation, Dropout):
                return unit
            st.warning(f"The layer {unit.layer} does nothing after training; it is not shown.")
        except UnitError as error:
            st.warning(f"{error} A number of this network is shown instead.")
        session.unit = None
    return _telling(plan, weights, pixels)


def _telling(plan: Plan, weights: NDArray[np.float32], pixels: NDArray[np.uint8]) -> Unit:
    """The strongest cell of the second convolution, or of the only one, or the largest logit."""
    outputs = forward(plan, weights, pixels[None])
    names = [one.name for one in plan.layers if isinstance(one.operation, Convolution)]
    layer = names[min(1, len(names) - 1)] if names else "logits"
    values = outputs[layer][0]
    place = [int(at) for at in np.unravel_index(np.nan_to_num(values).argmax(), values.shape)]
    if len(place) == 1:
        return Unit(layer, place[0])
    row, column, channel = place
    return Unit(layer, channel, row, column)
