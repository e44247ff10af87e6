"""The figure of a lesson: the same view of a network as on the Inspect page."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.forward import forward
from cnn.inspection.units import UnitError, from_text
from cnn.network.plan import Plan
from cnn.ui.components.network_message import Picture, Scale
from cnn.ui.components.network_view import NOTHING, ViewCallbacks, network_view
from cnn.ui.inspect.view import telling


def network_figure(
    key: str,
    plan: Plan,
    weights: NDArray[np.float32],
    image: NDArray[np.uint8],
    classes: tuple[str, ...] = (),
    unit: str | None = None,
    enlarged: int = 2,
    first: str = "",
    on_choice: Callable[[str], None] | None = None,
    follows: bool = False,
    winners: bool = False,
    padded: bool = False,
    scale: Scale = "layer",
) -> None:
    """Draw the layers of `plan` (see `Plan.upto`) for one image, with the receipt of one number.

    `weights` are flat, as many as `plan.parameters`; `image` is uint8 (height, width, channels).
    `unit` names the number that is selected at first: "none" for none, None for an instructive one.
    `key` must name what the figure is about; a number that the visitor selects stays selected while
    the layers have it. With `on_choice`, a click calls it with the number's name before the page runs
    again, and `unit` is always the selected one. The layer called `first` and those after it are
    drawn, "" for all. With `follows`, pointing opens the receipt; with `winners`, the cells that max
    pooling passes on are marked; with `padded`, the zeros around the image are drawn; `scale` says
    what shares a color scale. See `Picture`.
    """
    place = f"{key}-unit"
    wanted = unit if on_choice else st.session_state.get(place, unit)
    try:
        selected = None if wanted in (None, NOTHING) else from_text(wanted, plan)
    except UnitError:  # selected with other controls, which gave other layers
        selected, wanted = None, unit
    if wanted is None:
        selected = telling(plan, forward(plan, weights, image[None]))
    figure = Picture(
        plan,
        weights,
        image,
        classes,
        selected=selected,
        enlarged=enlarged,
        first=first,
        follows=follows,
        winners=winners,
        padded=padded,
        scale=scale,
    )

    def select(name: str) -> None:
        st.session_state[place] = name

    network_view(figure, key, ViewCallbacks(on_choice or select, lambda _: None, lambda: None))
