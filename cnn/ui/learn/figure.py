"""What a lesson's figure shows: the example run with an image, and the view of a network."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import streamlit as st

from cnn.arrays import Array, Pixels
from cnn.data.split import ChosenData
from cnn.inspection.edits import Edits
from cnn.inspection.forward import forward
from cnn.inspection.units import Unit, UnitError, from_text, telling_unit, to_text
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.run import Run
from cnn.ui.components.image_grid import one_of_each
from cnn.ui.components.network_message import Picture
from cnn.ui.components.network_view import NOTHING, ViewCallbacks, network_view
from cnn.ui.learn.lesson_page import LessonPage
from cnn.ui.state import services


@dataclass(frozen=True, eq=False)
class Example:
    """The trained starter network with flat `weights`, and the image `number` of `data`."""

    run: Run
    data: ChosenData
    plan: Plan
    weights: Array
    number: int

    @property
    def image(self) -> Pixels:
        """The pixels: uint8 (height, width, channels)."""
        return self.data.dataset.images[self.number]

    @property
    def label(self) -> int:
        """The number of the image's actual class."""
        return int(self.data.labels[self.number])

    @property
    def class_name(self) -> str:
        return self.data.classes[self.label]

    @cached_property
    def outputs(self) -> dict[str, Array]:
        """The output of every layer for the image, by the layer's name."""
        batch = forward(self.plan, self.weights, self.image[None])
        return {name: values[0] for name, values in batch.items()}

    def one_filter(self, filter: int, lowered: float = 0.0, **changes: Any) -> tuple[Plan, Array]:
        """Return the first block with only its number `filter`, from 0, and its flat weights.

        The filter's bias is `lowered`; `changes` are other fields of the block, such as its pooling.
        """
        block = replace(self.plan.network.blocks[0], filters=1, **changes)
        whole = plan(Network((block,)), self.plan.image_shape, self.plan.classes)
        arrays = self.plan.split(self.weights)
        kernel, bias = arrays["convolution_1/kernel"], arrays["convolution_1/bias"]
        weights = np.append(kernel[..., filter], bias[filter] - np.float32(lowered))
        return whole.upto("pooling_1" if block.pooling else "activation_1"), weights


def example(number: int | None = None) -> Example:
    """Return the example run at its last epoch with an image; by default its first test image."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    weights = services.weights(run.id, run.last_epoch)
    chosen = services.image_number(number, data)
    return Example(run, data, services.run_plan(run), weights, chosen)


def planned(network: Network) -> Plan:
    """Return the plan of a network for the images of the example run."""
    trained = example().plan
    return plan(network, trained.image_shape, trained.classes)


def starter_network_with(**changes: Any) -> Network:
    """Return the starter network with these fields changed in both blocks."""
    return replace(ARTICLE, blocks=tuple(replace(block, **changes) for block in ARTICLE.blocks))


def choose_item(page: LessonPage) -> Example:
    """Let the visitor pick one of ten items, one per class; return the example run with it."""
    key = f"learn-garments-{page.lesson}"
    return example(one_of_each(page.session, example().data, key, zoom=1))


def on_test_images(place: str, run: Run, function: Callable[..., Any], what: str) -> Future[Any]:
    """Call `function(plan, weights, images, what)` for a run at its last epoch and its test images.

    Small networks answer at once, for others `place` asks a worker, see `services.ask`.
    """
    key, layers, *arrays = services.test_inputs(run, run.kept[-1], Edits())
    cost = layers.multiply_accumulates * len(services.chosen(run.job.data).test)
    with st.spinner("Reading the test images with this network …"):
        return services.compute_or_ask(place, (*key, what), cost, function, layers, *arrays, what)


def largest_cell(picture: Picture) -> str:
    """Return the name of the cell with the largest value in the first map of the last layer."""
    layer = picture.plan.layers[-1].name
    map = forward(picture.plan, picture.weights, picture.image[None])[layer][0, ..., 0]
    row, column = np.unravel_index(map.argmax(), map.shape)
    return to_text(Unit(layer, 0, int(row), int(column)), picture.plan)


def network_figure(
    key: str,
    picture: Picture,
    unit: str | None = None,
    on_choice: Callable[[str], None] | None = None,
) -> str | None:
    """Draw a network at work on one image, with the receipt of one number.

    Returns the name of the number that the visitor selected, None if none was selected yet.

    `unit` names the number that is selected at first: "none" for none, None for an instructive one.
    `key` must name what the figure is about; a number that the visitor selects stays selected while
    the layers have it. With `on_choice`, a click calls it with the number's name before the page runs
    again, and `unit` is always the selected one.
    """
    place = f"{key}-unit"
    wanted = unit if on_choice else st.session_state.get(place, unit)
    try:
        selected = None if wanted in (None, NOTHING) else from_text(wanted, picture.plan)
    except UnitError:  # selected with other controls, which gave other layers
        selected, wanted = None, unit
    if wanted is None:
        outputs = forward(picture.plan, picture.weights, picture.image[None])
        selected = telling_unit(picture.plan, outputs)

    def select(name: str) -> None:
        st.session_state[place] = name

    network_view(replace(picture, selected=selected), key, ViewCallbacks(on_choice or select))
    chosen: str | None = st.session_state.get(place)
    return chosen
