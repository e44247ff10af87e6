"""A network at a glance: one part of the lesson on what a CNN is."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.inspection.forward import class_probabilities
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork
from cnn.ui.learn.figure import layers_at_work

_VIEW = "learn-images"


def show(
    setup: Setup, at_work: AtWork, text: DeltaGenerator, picture: DeltaGenerator
) -> str | None:
    """The whole network at work on the garment; returns the number that is chosen in it."""
    with picture:
        layers_at_work(
            _VIEW,
            at_work.plan,
            at_work.weights,
            at_work.image,
            at_work.data.classes,
            unit="none",
            enlarged=1,
        )
    with text:
        _words(at_work)
    unit: str | None = st.session_state.get(f"{_VIEW}-unit")
    return unit


def _words(at_work: AtWork) -> None:
    plan, classes = at_work.plan, at_work.data.classes
    height, width, _ = plan.image_shape
    first, second = (plan.layer(f"convolution_{number}").output_shape[2] for number in (1, 2))
    answer = class_probabilities(at_work.outputs[plan.network.output][None])[0]
    named, true = classes[answer.argmax()], classes[at_work.label]
    outcome = "and it is one" if named == true else f"but the label says {true}"
    st.markdown(
        "A **convolutional neural network**, CNN for short, looks at a picture and says what it shows."
        " It is made of layers; each reads the numbers of the one before and makes new ones. Move the"
        " picture sideways to see them all."
    )
    st.markdown(
        f"- **Input**: the picture, {height} × {width} = {height * width} numbers.\n"
        f"- **Convolution**: {first} small grids of numbers, the **kernels**, slide over the picture. Each"
        f" makes a map of where its pattern is. Further on, {second} sets of such grids look for patterns"
        " in these maps.\n"
        f"- **Output**: {len(classes)} numbers, one a class, that add up to 100 %. The largest is the"
        " answer."
    )
    st.markdown(
        f"Here it says **{named}**, {formatting.percent(float(answer.max()))}, {outcome}. Nobody wrote down"
        f" the {formatting.thousands(plan.parameters)} numbers that it multiplies with and adds, its"
        " **weights**: it found them by training, on"
        f" {formatting.thousands(len(at_work.data.train))} other pictures. It is built as in an **article** of"
        " 2019 that these lessons follow."
    )
    shapes = (
        plan.image_shape,
        *(plan.layer(f"convolution_{number}").output_shape for number in (1, 2)),
        (len(classes),),
    )
    chain = r" \to ".join(r"{\cdot}".join(str(side) for side in shape) for shape in shapes)
    st.latex(rf"\small {chain}")
    st.caption(
        "Rows · columns · maps: the picture, after each convolution, the classes. What shrinks the maps"
        " in between is in lesson 4."
    )
    st.code("x = images[:1] / 255\nmodel.predict(x)", language="python")
