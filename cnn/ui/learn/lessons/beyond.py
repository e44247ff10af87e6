"""Lesson: Where to go next. Famous networks, and the idea that each of them added."""

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn import operations
from cnn.inspection.features.patch import Patch
from cnn.inspection.forward import probabilities, scaled
from cnn.inspection.map_geometry import squares
from cnn.lessons.shortcut import (
    backward_gradients,
    forward_signals,
    random_kernels,
    root_mean_square,
)
from cnn.lessons.sliding_windows import (
    Box,
    WindowPredictions,
    multiply_accumulates,
    non_maximum_suppression,
    predict_windows,
)
from cnn.network.keras_code import keras_code
from cnn.network.originals import ORIGINALS
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import ConvolutionBlock, Network
from cnn.ui.build.overview import layer_table
from cnn.ui.common import charts, formatting
from cnn.ui.common.prose import in_sentence, read_prose, significant
from cnn.ui.components.heat_map import HeatMap, heat_maps, message
from cnn.ui.components.patches import Shown, patches
from cnn.ui.components.volumes import volumes
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import Example, choose_item, example, text_and_figure
from cnn.ui.learn.next_steps import to_build, to_inspect
from cnn.ui.learn.question import ask
from cnn.ui.state.session import Session

Pixels = NDArray[np.uint8]

PROSE = read_prose("beyond")

_IMAGE_SHAPE, _CLASSES = (28, 28, 1), 10
_STACK_MAPS = 16
"""Maps read and made by each convolution where a stack is compared with one large kernel."""

_PLAIN_STACK = Network((ConvolutionBlock(_STACK_MAPS, 3, padding="same", pooling=None),) * 5)

_DEPTH_MAPS, _DEPTH_SEED = 16, 1
_VARIANTS = {False: "plain", True: "shortcut"}

_TITLES = {
    "lenet5": "LeNet-5",
    "alexnet": "AlexNet",
    "vgg": "VGG",
    "resnet": "ResNet",
    "yolo": "YOLO",
}
_YEARS = {"lenet5": 1998, "alexnet": 2012, "vgg": 2014}

_CANVAS = 56
_MAXIMUM_OVERLAP = 0.2
"""Of two windows with an intersection over union above a fifth, only the more confident is kept."""

_OTHER_ITEMS = (("Trouser", 0, 28), ("Sneaker", 28, 0), ("Bag", 28, 28))
"""The items that stay in place: class, first row, first column."""


def show(session: Session, controls: Controls) -> None:
    """Draw the chosen network."""
    text, figure = text_and_figure()
    with figure:
        name = controls.choice("net", "Network", _TITLES, "lenet5", label_visibility="collapsed")
        layers = _choose_size(controls, name) if name in PRESETS else None
        item = None if layers else choose_item(session, "beyond")
    with text:
        _explain(name, layers)
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
            PROSE.caption("volumes")
            layer_table(layers)
        elif name == "resnet" and item:
            _depth(controls, item.image)
        elif item:
            show_windows(controls, item, answered)


def _explain(name: str, layers: Plan | None) -> None:
    PROSE.show(f"idea/{name}")
    if layers:
        times = layers.parameters / plan(ARTICLE, _IMAGE_SHAPE, _CLASSES).parameters
        PROSE.show(
            "size",
            parameters=formatting.thousands(layers.parameters),
            shape=formatting.shape(layers.image_shape),
            times=formatting.thousands(times) if times >= 10 else significant(times),
        )
    PROSE.show(f"formula/{name}")
    PROSE.caption(f"symbols/{name}")
    if layers:
        st.code(keras_code(layers), height=220, wrap_lines=True)
    else:
        PROSE.show(f"keras/{name}")
    PROSE.caption(f"original/{name}")


def _choose_size(controls: Controls, name: str) -> Plan:
    """Choose between the network as it was and a small one for the app's images."""
    sizes = {"small": "Small, to train here", "original": f"Original ({_YEARS[name]})"}
    if controls.choice("size", "Size", sizes, "original") == "original":
        return ORIGINALS[name]
    return plan(PRESETS[name].network, _IMAGE_SHAPE, _CLASSES)


def _stack(controls: Controls) -> None:
    """Compare a few small kernels, one after another, with one that sees the same area."""
    count = controls.whole("stack", "Stacked 3 × 3 convolutions", 1, 5, 2)
    layers, single = _convolutions(3, count), _convolutions(2 * count + 1, 1)
    field = layers.layers[-1].receptive_field
    assert field is not None
    PROSE.show(
        "stack",
        count=count,
        side=field.size,
        parameters=formatting.thousands(layers.parameters),
        single=formatting.thousands(single.parameters),
        maps=_STACK_MAPS,
    )


def _convolutions(kernel: int, count: int) -> Plan:
    block = ConvolutionBlock(_STACK_MAPS, kernel, pooling=None)
    whole = plan(Network((block,) * count), (28, 28, _STACK_MAPS), _CLASSES)
    return whole.upto(f"convolution_{count}")


def _depth(controls: Controls, image: NDArray[np.uint8]) -> None:
    """Show the size of signal and gradient at each layer, with and without shortcuts."""
    left, right = st.columns(2)
    layers = controls.whole("layers", "Layers", 2, 40, 30, at=left)
    spread = controls.decimal(
        "spread",
        "Size of the random weights",
        0.2,
        1.5,
        1.0,
        0.1,
        "1 is the size that He and others proposed in 2015 for the first weights.",
        at=right,
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
    PROSE.show(
        "depth",
        layers=layers,
        plain_signal=in_sentence(ends["plain", "signal"]),
        shortcut_signal=in_sentence(ends["shortcut", "signal"]),
        plain_gradient=in_sentence(ends["plain", "gradient"]),
        shortcut_gradient=in_sentence(ends["shortcut", "gradient"]),
    )
    PROSE.caption("depth method", maps=_DEPTH_MAPS)


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


def show_windows(controls: Controls, example: Example, answered: bool) -> None:
    """Show the example run on a canvas with up to four items, the first of which can be moved.

    What it predicts for an empty window is shown once the question has been `answered`.
    """
    side = example.plan.image_shape[0]
    count_place, down_place, right_place, confidence_place = st.columns([0.8, 1.1, 1.1, 1.3])
    items = controls.whole("garments", "Items", 0, 4, 4, at=count_place)
    row = controls.whole("down", "Move first down", 0, _CANVAS - side, 0, at=down_place)
    column = controls.whole("right", "Move first right", 0, _CANVAS - side, 0, at=right_place)
    minimum = controls.whole("sure", "Minimum confidence", 50, 99, 90, at=confidence_place)
    canvas = _canvas(example, items, row, column)
    predictions = predict_windows(example.plan, example.weights, canvas)
    boxes = non_maximum_suppression(predictions, minimum / 100, _MAXIMUM_OVERLAP)
    heat_map = _heat_map(predictions, boxes, example, minimum, answered)
    heat_maps(message(canvas, [heat_map], example.data.classes), key="learn-windows")
    if boxes:
        PROSE.show("kept windows")
        patches(
            [_patch(box, predictions, canvas, example) for box in boxes],
            "learn-kept",
            None,
            side=112,
        )
    whole = plan(example.plan.network, canvas.shape, example.plan.classes)
    count = predictions.probabilities[..., 0].size
    PROSE.caption(
        "window cost",
        together=formatting.thousands(multiply_accumulates(example.plan, whole, count)),
        count=count,
        separately=formatting.thousands(count * example.plan.multiply_accumulates),
    )


def predict_nothing(example: Example) -> tuple[str, float]:
    """Return the class that is predicted for a black image, and its probability."""
    black = np.zeros((1, *example.plan.image_shape), np.uint8)
    [prediction] = probabilities(example.plan, example.weights, black)
    return example.data.classes[int(prediction.argmax())], float(prediction.max())


def _canvas(example: Example, items: int, row: int, column: int) -> Pixels:
    data, side = example.data, example.plan.image_shape[0]
    labels = data.labels[data.test]
    others = [data.test[labels == data.classes.index(name)][0] for name, *_ in _OTHER_ITEMS]
    places = [(row, column), *((down, right) for _, down, right in _OTHER_ITEMS)]
    canvas = np.zeros((_CANVAS, _CANVAS, 1), np.uint8)
    placed = list(zip([example.number, *others], places, strict=True))[:items]
    for number, (down, right) in placed:
        part = canvas[down : down + side, right : right + side]
        np.maximum(part, data.dataset.images[number], out=part)
    return canvas


def _heat_map(
    predictions: WindowPredictions,
    boxes: list[Box],
    example: Example,
    minimum: int,
    answered: bool,
) -> HeatMap:
    confidence = predictions.probabilities.max(axis=-1)
    rows, columns = confidence.shape
    facts = [
        PROSE.text(
            "windows kept",
            minimum=minimum,
            confident=int((confidence >= minimum / 100).sum()),
            kept=len(boxes),
        )
    ]
    limit = PROSE.text("ask about nothing")
    if answered:
        predicted, probability = predict_nothing(example)
        facts.append(
            PROSE.text(
                "empty window", predicted=predicted, confidence=formatting.percent(probability)
            )
        )
        limit = PROSE.text("limit")
    return HeatMap(
        "The prediction for every window",
        PROSE.text(
            "window map", count=confidence.size, side=predictions.side, step=predictions.step
        ),
        limit,
        tuple(facts),
        confidence,
        squares(predictions.starts(0), predictions.side, _CANVAS),
        "probability of the predicted class",
        marks=predictions.probabilities.argmax(axis=-1),
        marked="prediction:",
        grid=f"The grid of predictions: {rows} × {columns}",
        laid=False,
    )


def _patch(box: Box, predictions: WindowPredictions, canvas: Pixels, example: Example) -> Shown:
    row, column = predictions.step * box.row, predictions.step * box.column
    pixels = canvas[row : row + predictions.side, column : column + predictions.side]
    name, confidence = example.data.classes[box.label], formatting.percent(box.probability)
    place = f"row {row + 1}, column {column + 1}"
    return Shown(
        Patch(pixels, np.ones(pixels.shape[:2], np.bool_)),
        confidence,
        name,
        place,
        f"{name}, {confidence}, with its first pixel at {place} of the canvas",
    )
