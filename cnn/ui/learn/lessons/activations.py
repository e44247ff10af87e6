"""Lesson: Activation functions."""

from dataclasses import replace

import streamlit as st

from cnn.inspection.features.saturation import Activity
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, Network
from cnn.ui.common import formatting
from cnn.ui.common.page import LEARN
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.lessons import activation_graph, activation_map, activation_trained
from cnn.ui.learn.lessons.activation_facts import FACTS, formula, slope_formula, with_numbers
from cnn.ui.learn.next_steps import to_build
from cnn.ui.learn.question import Answer, question
from cnn.ui.state import services
from cnn.ui.state.session import Session

_PARTS = {
    "graph": "The graph and its slope",
    "map": activation_map.TITLE,
    "trained": "In a trained network",
}
_ON_GRAPHS = (
    "An activation function turns each number of a layer, by itself, into another one. Without it,"
    " weighted sums of weighted sums would be one weighted sum: many layers could do no more than one."
    " Training needs its **slope** f′(x), how steep the graph is: what training sends back through the"
    " network, the *gradient* (lesson 8), is multiplied by it. Where the slope is 0, nothing gets through."
)
_ON_A_MAP = (
    "Every cell of a map goes through the function by itself. A convolution's bias says how much of the"
    " map lies above 0. Lower it: under ReLU fewer and fewer cells are left, until the filter is dead."
)


def show(session: Session, setup: Setup) -> None:
    """Draw the part that is chosen, with the question on all of them."""
    part = setup.choice("part", "Look at", _PARTS, "graph")
    told, picture = st.columns([1, 2], gap="large")
    if part == "trained":
        with told:
            _on_training()
            answered = _ask(setup)
        with picture:
            if answered:
                activation_trained.show(session, setup)
            else:
                st.info("Answer the question first: the picture would give it away.")
        return
    with picture:
        activation = _function(setup)
        numbers = None
        if part == "graph":
            numbers = activation_graph.show(setup, activation)
        else:
            activation_map.show(session, setup, activation)
    with told:
        st.markdown(_ON_A_MAP if part == "map" else _ON_GRAPHS)
        _formulas(activation, numbers)
        _ask(setup)
        to_build(session, "Build with this activation", everywhere(activation))


def everywhere(activation: Activation) -> Network:
    """The article's network with this activation in both blocks."""
    blocks = tuple(replace(one, activation=activation) for one in ARTICLE.blocks)
    return replace(ARTICLE, blocks=blocks)


def keras_line(activation: Activation) -> str:
    """The layer in Keras."""
    if activation.name == "leaky_relu":
        return f"keras.layers.LeakyReLU(negative_slope={activation.slope})"
    return f'keras.layers.Activation("{activation.name}")'


def _function(setup: Setup) -> Activation:
    names = {name.replace("_", "-"): formatting.ACTIVATION_NAMES[name] for name in FACTS}
    place, slope_place = st.columns(2)
    with place:
        chosen = setup.choice("f", "Activation function", names, "relu")
    name = next(one for one in FACTS if one.replace("_", "-") == chosen)
    if name != "leaky_relu":
        return Activation(name)
    with slope_place:
        slope = setup.decimal("slope", "Slope below 0", 0.05, 0.5, 0.1, 0.05)
    return Activation(name, round(slope, 2))


def _formulas(activation: Activation, numbers: tuple[float, float] | None) -> None:
    """What the function is; with its formula for an input and what it comes to, if one is chosen."""
    st.markdown(FACTS[activation.name].says)
    st.latex(formula(activation))
    st.latex(slope_formula(activation))
    if numbers:
        st.latex(with_numbers(activation, *numbers))
    st.code(keras_line(activation), language="python", wrap_lines=True)
    st.markdown("**Softmax** is not among them: it needs all numbers of a layer at once.")
    st.page_link(
        LEARN,
        label="Lesson 7: softmax",
        icon=":material/arrow_forward:",
        query_params={"lesson": "softmax"},
    )


def _on_training() -> None:
    st.markdown(
        "Where a graph is flat, its slope is next to nothing, and so is what a gradient passes on. A"
        " **saturated** sigmoid gives nearly 0 or nearly 1. A ReLU **at rest** gives 0. One that gives 0"
        " on every image is **dead**: no gradient reaches its weights. Training cannot wake it, unless"
        " the layers before it change what it reads."
        " Here every unit of a trained network is run on all test images, and what it gives is counted."
    )


def _ask(setup: Setup) -> bool:
    """How saturated is the article's network? True once it was answered."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    layer = activation_trained.watched(run)[-1]
    found: Activity = activation_trained.activity_of(run, layer.name).result()
    low, high, all_of_it = (
        formatting.percent(float(one.mean()), 0) for one in (found.low, found.high, found.saturated)
    )
    return question(
        setup,
        f"The article's network has a layer of {layer.outputs} sigmoids. How many of their outputs on the"
        f" {formatting.thousands(found.images)} test images lie below 0.05 or above 0.95, where sigmoid's"
        " graph is nearly flat?",
        (
            Answer(
                "About one in ten",
                "So it would be if the outputs were spread evenly from 0 to 1. But training makes weights"
                f" grow, and most sums end up far from 0: {all_of_it} are there.",
            ),
            Answer(
                "About a third",
                f"That is either end alone: {low} lie below 0.05, and another {high} above 0.95.",
            ),
            Answer(
                "About two thirds",
                f"{low} below 0.05 and {high} above 0.95. Weights grow in training, and large sums are"
                " where sigmoid is flat; there the unit hardly learns any more.",
                right=True,
            ),
        ),
    )


LESSON = Lesson(
    "activations",
    "Activation functions",
    "A bend in the path of every number: **drag the input** and read off the value and the slope.",
    show,
    (
        View("ReLU: what is below 0 is cut off"),
        View("Sigmoid is flat far from 0: the slope is next to nothing", "f-sigmoid_x-5"),
        View("A feature map under tanh", "part-map_f-tanh"),
        View("A filter dies: its bias is too low for any image", "part-map_lowered-1.6"),
        View(
            "The same bias under leaky ReLU: a little gets through",
            "part-map_f-leaky-relu_lowered-1.6",
        ),
        View("How saturated is the article's network?", "part-trained"),
    ),
)
