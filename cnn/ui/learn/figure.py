"""What a lesson's figure shows: the example run with an image, and the view of a network."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from cnn.data.split import ChosenData
from cnn.inspection.forward import forward
from cnn.inspection.units import UnitError, from_text
from cnn.network.plan import Plan
from cnn.training.run import Run
from cnn.ui.components.image_grid import one_of_each
from cnn.ui.components.network_message import Picture, Scale
from cnn.ui.components.network_view import NOTHING, ViewCallbacks, network_view
from cnn.ui.inspect.view import telling
from cnn.ui.state import services
from cnn.ui.state.session import Session


@dataclass(frozen=True, eq=False)
class Example:
    """The trained starter network with flat `weights`, and the image `number` of `data`."""

    run: Run
    data: ChosenData
    plan: Plan
    weights: NDArray[np.float32]
    number: int

    @property
    def image(self) -> NDArray[np.uint8]:
        """The pixels: uint8 (height, width, channels)."""
        return self.data.dataset.images[self.number]

    @property
    def label(self) -> int:
        """The number of the image's actual class."""
        return int(self.data.labels[self.number])

    @property
    def class_name(self) -> str:
        """The name of the image's actual class."""
        return self.data.classes[self.label]

    @cached_property
    def outputs(self) -> dict[str, NDArray[np.float32]]:
        """The output of every layer for the image, by the layer's name."""
        batch = forward(self.plan, self.weights, self.image[None])
        return {name: values[0] for name, values in batch.items()}


def example(number: int | None = None) -> Example:
    """Return the example run at its last epoch with an image; by default its first test image."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    weights = services.weights(run.id, run.last_epoch)
    chosen = services.image_number(number, data)
    return Example(run, data, services.run_plan(run), weights, chosen)


def choose_item(session: Session, lesson: str) -> Example:
    """Let the visitor pick one of ten items, one per class; return the example run with it."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    return example(one_of_each(session, data, f"learn-garments-{lesson}", zoom=1))


def text_and_figure() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the two columns of a lesson: the text, wide enough for its code, and the figure."""
    text, figure = st.columns([1.1, 2], gap="medium")
    return text, figure


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
