"""Lesson: Where to go next. Famous networks, and the idea that each of them added."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn import operations
from cnn.inspection.forward import scaled
from cnn.lessons.shortcut import (
    backward_gradients,
    forward_signals,
    random_kernels,
    root_mean_square,
)
from cnn.network.keras_code import keras_code
from cnn.network.originals import ORIGINALS
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import ConvolutionBlock, Network
from cnn.ui.build.overview import layer_table
from cnn.ui.common import charts, formatting
from cnn.ui.common.prose import read_prose
from cnn.ui.components.volumes import volumes
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.example_run import choose_item, example
from cnn.ui.learn.formula import in_sentence, significant
from cnn.ui.learn.lesson import Lesson, text_and_figure
from cnn.ui.learn.lessons.beyond_windows import predict_nothing, show_windows
from cnn.ui.learn.next_steps import to_build, to_inspect
from cnn.ui.learn.question import ask
from cnn.ui.state.session import Session

PROSE = read_prose("beyond")

_IMAGE_SHAPE, _CLASSES = (28, 28, 1), 10
_STACK_MAPS = 16
"""Maps read and made by each convolution where a stack is compared with one large kernel."""

_PLAIN_STACK = Network((ConvolutionBlock(_STACK_MAPS, 3, padding="same", pooling=None),) * 5)

_DEPTH_MAPS, _DEPTH_SEED = 16, 1
_VARIANTS = {False: "plain", True: "shortcut"}


@dataclass(frozen=True)
class Milestone:
    """A famous network. `formula` is LaTeX; `keras` is the line that does it, "" for the whole code."""

    title: str
    year: int
    authors: str
    formula: str
    keras: str = ""


MILESTONES = {
    "lenet5": Milestone(
        "LeNet-5",
        1998,
        "Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner",
        r"\begin{aligned} 32 - 5 + 1 &= 28, & 28 : 2 &= 14 \\ 14 - 5 + 1 &= 10, & 10 : 2 &= 5"
        r" \end{aligned}",
    ),
    "alexnet": Milestone(
        "AlexNet",
        2012,
        "Alex Krizhevsky, Ilya Sutskever, Geoffrey Hinton",
        r"\left\lfloor \frac{227 - 11}{4} \right\rfloor + 1 = 55",
    ),
    "vgg": Milestone(
        "VGG",
        2014,
        "Karen Simonyan, Andrew Zisserman",
        r"n \, (9 \, c^2 + c) \quad\text{or}\quad (2n + 1)^2 \, c^2 + c",
    ),
    "resnet": Milestone(
        "ResNet",
        2015,
        "Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun",
        r"\begin{aligned} \text{plain:}\quad x_{i+1} &= F(x_i) \\ \text{shortcut:}\quad x_{i+1} &="
        r" x_i + F(x_i) \end{aligned}",
        "y = layers.Conv2D(\n"
        "    16, 3,\n"
        '    padding="same",\n'
        '    activation="relu",\n'
        ")(x)\n"
        "x = layers.Add()([x, y])",
    ),
    "yolo": Milestone(
        "YOLO",
        2015,
        "Joseph Redmon, Santosh Divvala, Ross Girshick, Ali Farhadi",
        r"7 \cdot 7 \cdot (2 \cdot 5 + 20) = 1{,}470",
        "# instead of Flatten and Dense(100)\n"
        "layers.Conv2D(\n"
        "    100, 5,\n"
        '    activation="sigmoid",\n'
        ")",
    ),
}


def show(session: Session, controls: Controls) -> None:
    """Draw the chosen network."""
    text, figure = text_and_figure()
    with figure:
        titles = {name: milestone.title for name, milestone in MILESTONES.items()}
        name = controls.choice("net", "Network", titles, "lenet5", label_visibility="collapsed")
        milestone = MILESTONES[name]
        layers = _choose_size(controls, name, milestone) if name in PRESETS else None
        item = None if layers else choose_item(session, "beyond")
    with text:
        _explain(name, milestone, layers)
        predicted, confidence = predict_nothing(example())
        answered = ask(
            controls, PROSE, predicted=predicted, confidence=formatting.percent(confidence)
        )
        if name in PRESETS:
            preset = PRESETS[name]
            to_build(session, f"Open “{preset.title}” in Build", preset.network)
        elif name == "resnet":
            to_build(session, "Open a plain stack of five in Build", _PLAIN_STACK)
        elif item:
            to_inspect(session, "Open this classifier in Inspect", item.run.id, item.number)
    with figure:
        if name == "vgg":
            _stack(controls)
        if layers:
            volumes(layers)
            st.caption(PROSE.text("volumes"))
            layer_table(layers)
        elif name == "resnet" and item:
            _depth(controls, item.image)
        elif item:
            show_windows(controls, item, answered)


def _explain(name: str, milestone: Milestone, layers: Plan | None) -> None:
    st.markdown(
        PROSE.text("heading", title=milestone.title, year=milestone.year, authors=milestone.authors)
    )
    st.markdown(PROSE.text(f"idea/{name}"))
    if layers:
        times = layers.parameters / plan(ARTICLE, _IMAGE_SHAPE, _CLASSES).parameters
        st.markdown(
            PROSE.text(
                "size",
                parameters=formatting.thousands(layers.parameters),
                shape=formatting.shape(layers.image_shape),
                times=formatting.thousands(times) if times >= 10 else significant(times),
            )
        )
    st.latex(milestone.formula)
    st.caption(PROSE.text(f"symbols/{name}"))
    st.code(
        keras_code(layers) if layers else milestone.keras,
        language="python",
        height=220 if layers else "content",
        wrap_lines=True,
    )
    st.caption(PROSE.text(f"original/{name}"))


def _choose_size(controls: Controls, name: str, milestone: Milestone) -> Plan:
    """Choose between the network as it was and a small one for the app's images."""
    sizes = {"small": "Small, to train here", "original": f"Original ({milestone.year})"}
    if controls.choice("size", "Size", sizes, "original") == "original":
        return ORIGINALS[name]
    return plan(PRESETS[name].network, _IMAGE_SHAPE, _CLASSES)


def _stack(controls: Controls) -> None:
    """Compare a few small kernels, one after another, with one that sees the same area."""
    count = controls.whole("stack", "Stacked 3 × 3 convolutions", 1, 5, 2)
    layers, single = _convolutions(3, count), _convolutions(2 * count + 1, 1)
    field = layers.layers[-1].receptive_field
    assert field is not None
    st.markdown(
        PROSE.text(
            "stack",
            count=count,
            side=field.size,
            parameters=formatting.thousands(layers.parameters),
            single=formatting.thousands(single.parameters),
            maps=_STACK_MAPS,
        )
    )


def _convolutions(kernel: int, count: int) -> Plan:
    block = ConvolutionBlock(_STACK_MAPS, kernel, pooling=None)
    whole = plan(Network((block,) * count), (28, 28, _STACK_MAPS), _CLASSES)
    return whole.upto(f"convolution_{count}")


def _depth(controls: Controls, image: NDArray[np.uint8]) -> None:
    """Show the size of signal and gradient at each layer, with and without shortcuts."""
    left, right = st.columns(2)
    with left:
        layers = controls.whole("layers", "Layers", 2, 40, 30)
    with right:
        spread = controls.decimal(
            "spread",
            "Size of the random weights",
            0.2,
            1.5,
            1.0,
            0.1,
            "1 is the size that He and others proposed in 2015 for the first weights.",
        )
    table = _sizes(image, layers, spread)
    ends = {
        (variant, measure): float(rows[measure].iloc[place])
        for variant, rows in table.groupby("way")
        for measure, place in (("signal", -1), ("gradient", 0))
    }
    for column, measure, title in zip(
        st.columns(2),
        ("signal", "gradient"),
        ("The signal on its way forward", "The gradient on its way back"),
        strict=True,
    ):
        with column:
            values = ", ".join(
                f"{in_sentence(ends[variant, measure])} {variant}" for variant in _VARIANTS.values()
            )
            st.markdown(f"**{title}**")
            st.altair_chart(
                charts.sizes_along_layers(table, measure),
                key=f"learn-depth-{measure}",
                alt=f"{title} through {layers} layers: {values}",
            )
    st.markdown(
        PROSE.text(
            "depth",
            layers=layers,
            plain_signal=in_sentence(ends["plain", "signal"]),
            shortcut_signal=in_sentence(ends["shortcut", "signal"]),
            plain_gradient=in_sentence(ends["plain", "gradient"]),
            shortcut_gradient=in_sentence(ends["shortcut", "gradient"]),
        )
    )
    st.caption(PROSE.text("depth method", maps=_DEPTH_MAPS))


@st.cache_data(show_spinner=False, max_entries=64)
def _sizes(image: NDArray[np.uint8], layers: int, spread: float) -> pd.DataFrame:
    """Return columns "layer", "way", "signal" and "gradient", both relative to their start."""
    gray = scaled(image[None]).mean(axis=3, keepdims=True)
    x = np.repeat(operations.average_pooling(gray, 2, 2), _DEPTH_MAPS, axis=3)
    kernels = random_kernels(layers, _DEPTH_MAPS, spread, _DEPTH_SEED)
    random = np.random.default_rng(_DEPTH_SEED)
    last_gradient = random.standard_normal(x.shape).astype(np.float32)
    x_size, gradient_size = root_mean_square(x), root_mean_square(last_gradient)
    rows = []
    for shortcut, variant in _VARIANTS.items():
        signals = forward_signals(x, kernels, shortcut)
        gradients = backward_gradients(signals, kernels, shortcut, last_gradient)
        rows += [
            {
                "layer": layer,
                "way": variant,
                "signal": root_mean_square(signal) / x_size,
                "gradient": root_mean_square(gradient) / gradient_size,
            }
            for layer, (signal, gradient) in enumerate(zip(signals, gradients, strict=True))
        ]
    return pd.DataFrame(rows)


LESSON = Lesson("beyond", PROSE, show)
