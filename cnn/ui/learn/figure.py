"""The pictures of the lessons: the same view of a network as on the Inspect page."""

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


def layers_at_work(
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
    """Draw the layers of `plan` (see `Plan.upto`) at work on an image, with the receipt of a number.

    `weights` are flat, as many as `plan.parameters`; `image` is uint8 (height, width, channels).
    `unit` names the number chosen at first, "none" for none, None for a telling one. `key` must
    name what the picture is for; a number chosen by hand stays chosen while the layers have it.
    With `on_choice` it is told instead, before the page runs again, and `unit` is always the chosen
    one. Of the layers the one called `first` and those after it are drawn, "" for all. With
    `follows` pointing is enough for the receipt, with `winners` the cells that max pooling passes on
    are marked, with `padded` the zeros around the image are drawn; `scale` is what shares a scale of
    colors. See `Picture`.
    """
    place = f"{key}-unit"
    wanted = unit if on_choice else st.session_state.get(place, unit)
    try:
        chosen = None if wanted in (None, NOTHING) else from_text(wanted, plan)
    except UnitError:  # of a setting that is not set any more
        chosen, wanted = None, unit
    if wanted is None:
        chosen = telling(plan, forward(plan, weights, image[None]))
    picture = Picture(
        plan,
        weights,
        image,
        classes,
        selected=chosen,
        enlarged=enlarged,
        first=first,
        follows=follows,
        winners=winners,
        padded=padded,
        scale=scale,
    )

    def select(name: str) -> None:
        st.session_state[place] = name

    network_view(picture, key, ViewCallbacks(on_choice or select, lambda _: None, lambda: None))
