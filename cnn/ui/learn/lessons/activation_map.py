"""Lesson Activation functions: a real map under each function, and how a filter dies."""

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.features.saturation import RANGES, Activity, activity, ends
from cnn.inspection.forward import forward
from cnn.inspection.units import Unit, to_text
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ActivationName, Network
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork, on_a_garment
from cnn.ui.learn.figure import layers_at_work
from cnn.ui.state import services
from cnn.ui.state.session import Session

TITLE = "On a feature map"
LOWEST = 3.2
"""How far the bias can be lowered: enough for every filter of the shipped run to die."""


def show(session: Session, setup: Setup, activation: Activation) -> None:
    """Draw one filter of the shipped run under this function, and what it does on the test images."""
    work = on_a_garment(session, setup.lesson)
    filter_place, bias_place = st.columns(2)
    filters = work.plan.layer("convolution_1").output_shape[2]
    names = {str(number): str(number) for number in range(1, filters + 1)}
    with filter_place:
        number = setup.choice("filter", "Filter of Convolution 1", names, "1")
    with bias_place:
        lowered = setup.decimal("lowered", "Lower its bias by", 0.0, LOWEST, 0.0, 0.1)
    layers, weights = one_filter(work, int(number) - 1, lowered, activation)
    made = forward(layers, weights, work.image[None])["activation_1"][0, ..., 0]
    row, column = np.unravel_index(made.argmax(), made.shape)
    unit = to_text(Unit("activation_1", 0, int(row), int(column)), layers)
    # One scale for both maps, so that one sees what the function makes smaller.
    layers_at_work(setup.key("picture"), layers, weights, work.image, unit=unit, scale="network")
    found = _measured(activation.name, activation.slope, int(number) - 1, lowered)
    st.markdown(in_words(found, activation.name))


def one_filter(
    work: AtWork, filter: int, lowered: float, activation: Activation
) -> tuple[Plan, NDArray[np.float32]]:
    """The first convolution with one filter, a lower bias and another activation; its flat weights."""
    block = replace(work.plan.network.blocks[0], filters=1, activation=activation, pooling=None)
    whole = plan(Network((block,)), work.plan.image_shape, work.plan.classes)
    arrays = work.plan.split(work.weights)
    kernel, bias = arrays["convolution_1/kernel"], arrays["convolution_1/bias"]
    weights = np.append(kernel[..., filter], bias[filter] - np.float32(lowered))
    return whole.upto("activation_1"), weights


def in_words(found: Activity, name: ActivationName) -> str:
    """What the filter does on all test images, and what of a gradient gets through."""
    images, cells = (
        formatting.thousands(found.images),
        formatting.thousands(found.images * found.cells),
    )
    slope = (
        f"The mean slope over all cells is **{formatting.number(found.slope[0])}**: so much of a gradient gets"
        " through on average"
    )
    if found.dead[0]:
        return (
            f"**Dead**: all {cells} cells are 0, for every one of {images} test images. The slope is 0"
            " at each of them: no gradient reaches the filter's weights and its bias, so that training"
            " on such images cannot wake it."
        )
    if name in RANGES:
        low, high = (f"{end:g}".replace("-", "−") for end in ends(name))
        return (
            f"On {images} test images {formatting.percent(float(found.saturated[0]))} of this filter's {cells}"
            f" cells are saturated: below {low} or above {high}. {slope}."
        )
    awake = formatting.accuracy(float(found.awake[0]), found.images)
    if found.zero[0] == 0:
        return f"On {images} test images none of this filter's {cells} cells is 0. {slope}."
    return (
        f"On {images} test images {formatting.percent(float(found.zero[0]))} of this filter's {cells} cells are"
        f" 0; it is awake, above 0 somewhere, for {awake} of the images. {slope}."
    )


@st.cache_resource(show_spinner="Reading the test images with this filter …", max_entries=512)
def _measured(name: ActivationName, slope: float, filter: int, lowered: float) -> Activity:
    run = services.run_store().run(services.EXAMPLE_RUN)
    data, weights = services.chosen(run.job.data), services.weights(run.id, run.last_epoch)
    work = AtWork(run, data, services.run_plan(run), weights, int(data.test[0]))
    layers, own = one_filter(work, filter, lowered, Activation(name, slope))
    return activity(layers, own, data.dataset.images[data.test], "activation_1")
