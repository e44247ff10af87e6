"""What a lesson's figure shows: the example run with an image, and the view of a network."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from cnn.data.split import ChosenData
from cnn.inspection.forward import forward
from cnn.inspection.telling_unit import telling_unit
from cnn.inspection.units import UnitError, from_text
from cnn.network.plan import Plan, plan
from cnn.network.spec import Network
from cnn.training.run import Run
from cnn.ui.common.layout import CHART_PADDING, responsive_columns
from cnn.ui.common.theme import NEGATIVE, QUIET
from cnn.ui.components.image_grid import one_of_each
from cnn.ui.components.network_message import Picture
from cnn.ui.components.network_view import NOTHING, ViewCallbacks, network_view
from cnn.ui.state import services
from cnn.ui.state.session import Session

# Objects instead of text such as "x:Q", which Altair takes five times as long to parse.
X, Y = alt.X("x:Q"), alt.Y("y:Q")


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

    def one_filter(
        self, filter: int, lowered: float = 0.0, **changes: Any
    ) -> tuple[Plan, NDArray[np.float32]]:
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


def choose_item(session: Session, lesson: str) -> Example:
    """Let the visitor pick one of ten items, one per class; return the example run with it."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    return example(one_of_each(session, data, f"learn-garments-{lesson}", zoom=1))


def on_test_images(
    place: str, run: Run, function: Callable[..., Any], arrays: tuple[NDArray[Any], ...], what: str
) -> Future[Any]:
    """Call `function(plan, weights, *arrays, what)` for a run at its last epoch.

    `arrays` are its test images, and their labels if the function needs them. Small networks answer
    at once, for others `place` asks a worker, see `services.ask`.
    """
    plan, weights = services.run_plan(run), services.weights(run.id, run.kept[-1])
    if plan.multiply_accumulates * len(arrays[0]) >= services.HEAVY:
        key = run.id, run.kept[-1], what
        return services.ask(place, key, function, plan, weights, *arrays, what)
    known: Future[Any] = Future()
    known.set_result(
        _on_test_images(
            function.__name__, run.id, run.kept[-1], what, function, plan, weights, arrays
        )
    )
    return known


@st.cache_resource(show_spinner="Reading the test images with this network …", max_entries=128)
def _on_test_images(
    name: str,
    run: str,
    epoch: int,
    what: str,
    _function: Callable[..., Any],
    _plan: Plan,
    _weights: NDArray[np.float32],
    _arrays: tuple[NDArray[Any], ...],
) -> Any:
    return _function(_plan, _weights, *_arrays, what)


def curve_with_point(
    table: pd.DataFrame,
    point: tuple[float, float],
    x: alt.X,
    y: alt.Y,
    color: str,
    over: Sequence[alt.Chart] = (),
) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """Draw a curve with a point, lines from there to both axes, and `over` on top of the curve.

    `table` has the columns "x" and "y", and may have "part": the curve is not joined between two.
    """
    detail = [alt.Detail("part:N")] if "part" in table else []
    line = alt.Chart(table).mark_line(color=color, clip=True).encode(x, y, *detail)
    here = alt.Chart(pd.DataFrame({"x": [point[0]], "y": [point[1]]}))
    dashed = here.mark_rule(color=QUIET, strokeDash=[3, 3])
    dot = here.mark_point(filled=True, size=90, color=NEGATIVE, opacity=1).encode(
        X, Y, tooltip=[alt.Tooltip("x:Q", format=".4g"), alt.Tooltip("y:Q", format=".4g")]
    )
    layers = line, *over, dashed.encode(X), dashed.encode(Y), dot
    return alt.layer(*layers).properties(height=230, padding=CHART_PADDING)


def text_and_figure() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the two columns of a lesson: the text, wide enough for its code, and the figure."""
    text, figure = responsive_columns(3, 5, narrowest=95)
    return text, figure


def network_figure(
    key: str,
    picture: Picture,
    unit: str | None = None,
    on_choice: Callable[[str], None] | None = None,
) -> None:
    """Draw a network at work on one image, with the receipt of one number.

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

    callbacks = ViewCallbacks(on_choice or select, lambda _: None, lambda: None)
    network_view(replace(picture, selected=selected), key, callbacks)
