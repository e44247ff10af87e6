"""Lesson: Where to go next. Famous networks, and the idea that each of them added."""

import numpy as np
import pandas as pd
import streamlit as st

from cnn import operations
from cnn.arrays import Pixels
from cnn.inspection.forward import probabilities, scaled
from cnn.inspection.map_geometry import Patch, squares
from cnn.lessons import sliding_windows
from cnn.lessons.shortcut import relative_sizes
from cnn.lessons.sliding_windows import Box, WindowPredictions
from cnn.network.keras_code import keras_code
from cnn.network.originals import ORIGINALS
from cnn.network.plan import Plan, plan
from cnn.network.presets import PRESETS
from cnn.network.spec import ConvolutionBlock, Network
from cnn.ui.build.overview import layer_table
from cnn.ui.common import charts, formatting
from cnn.ui.common.prose import in_sentence, read_prose, significant
from cnn.ui.common.theme import NEGATIVE, POSITIVE
from cnn.ui.components.heat_map import HeatMap, heat_maps, message
from cnn.ui.components.patches import Shown, patches
from cnn.ui.components.volumes import volumes
from cnn.ui.learn.figure import Example, choose_item, example, planned
from cnn.ui.learn.lesson_page import LessonPage

PROSE = read_prose("beyond")

_STACK_MAPS = 16
"""Maps read and made by each convolution where a stack is compared with one large kernel."""

_PLAIN_STACK = Network((ConvolutionBlock(_STACK_MAPS, 3, padding="same", pooling=None),) * 5)

_DEPTH_MAPS, _DEPTH_SEED = 16, 1

_CANVAS = 56
_MAXIMUM_OVERLAP = 0.2
"""Of two windows with an intersection over union above a fifth, only the more confident is kept."""

_OTHER_ITEMS = {"Trouser": (0, 28), "Sneaker": (28, 0), "Bag": (28, 28)}
"""The items that stay in place: first row and first column by their class."""


def show(page: LessonPage) -> None:
    with page.figure:
        networks = PROSE.options("networks")
        name = page.choice("net", "Network", networks, labeled=False)
        layers = _choose_size(page, name) if name in PRESETS else None
        item = example() if layers else choose_item(page)
    with page.text:
        _explain(name, layers)
        predicted, confidence = predict_nothing(item)
        answered = page.ask(predicted=predicted, confidence=confidence)
        if layers:
            preset = PRESETS[name]
            page.to_build(f"Open “{preset.title}” in Build", preset.network)
        elif name == "resnet":
            page.to_build("Open a plain stack of five in Build", _PLAIN_STACK)
        else:
            page.to_inspect("Open this classifier in Inspect", item.run.id, item.number)
    with page.figure:
        if name == "vgg":
            _stack(page)
        if layers:
            volumes(layers)
            PROSE.caption("volumes")
            layer_table(layers)
        elif name == "resnet":
            _depth(page, item.image)
        else:
            _windows(page, item, answered)


def _explain(name: str, layers: Plan | None) -> None:
    PROSE.show(f"idea/{name}")
    if layers:
        ratio, shape = layers.parameters / example().plan.parameters, layers.image_shape
        times = formatting.thousands(ratio) if ratio >= 10 else significant(ratio)
        PROSE.show("size", plan=layers, shape=formatting.shape(shape), times=times)
    PROSE.show(f"formula/{name}")
    PROSE.caption(f"symbols/{name}")
    if layers:
        st.code(keras_code(layers), height=220, wrap_lines=True)
    else:
        PROSE.show(f"keras/{name}")
    PROSE.caption(f"original/{name}")


def _choose_size(page: LessonPage, name: str) -> Plan:
    """Choose between the network as it was and a small one for the app's images."""
    sizes = PROSE.options(f"sizes/{name}")
    if page.choice("size", "Size", sizes, "original") == "original":
        return ORIGINALS[name]
    return planned(PRESETS[name].network)


def _stack(page: LessonPage) -> None:
    """Compare a few small kernels, one after another, with one that sees the same area."""
    count, maps = page.slider("stack", "Stacked 3 × 3 convolutions", 1, 5, 2), _STACK_MAPS
    side = 2 * count + 1
    parameters = count * (9 * maps**2 + maps)
    single = side**2 * maps**2 + maps
    PROSE.show("stack", count=count, side=side, parameters=parameters, single=single, maps=maps)


def _depth(page: LessonPage, image: Pixels) -> None:
    """Show the size of signal and gradient at each layer, with and without shortcuts."""
    left, right = st.columns(2)
    layers = page.slider("layers", "Layers", 2, 40, 30, at=left)
    label, help = "Size of the random weights", PROSE.text("random weights")
    spread = page.slider("spread", label, 0.2, 1.5, 1.0, 0.1, help, right)
    table = _sizes(image, layers, spread)
    first, last = (table[table["layer"] == at].set_index("way") for at in (0, layers))
    ends = {"signal": last.signal, "gradient": first.gradient}
    titles = PROSE.options("measures")
    colors, dashes = [NEGATIVE, POSITIVE], [charts.DASHED, charts.SOLID]
    for column, (measure, sizes) in zip(st.columns(2), ends.items(), strict=True):
        values = ", ".join(f"{in_sentence(size)} {way}" for way, size in sizes.items())
        with column:
            st.markdown(f"**{titles[measure]}**")
            drawn = table[["layer", "way", measure]]
            alt = f"{titles[measure]} through {layers} layers: {values}"
            arguments = drawn, "size relative to the start", colors, dashes
            charts.draw(charts.sizes, *arguments, key=f"learn-depth-{measure}", alt=alt)
    PROSE.show("depth", layers=layers, signal=last.signal, gradient=first.gradient)
    PROSE.caption("depth method", maps=_DEPTH_MAPS)


@st.cache_data(show_spinner=False, max_entries=64)
def _sizes(image: Pixels, layers: int, spread: float) -> pd.DataFrame:
    """Return the `relative_sizes` of maps that are all the image, half as large."""
    x = np.repeat(operations.average_pooling(scaled(image[None]), 2, 2), _DEPTH_MAPS, axis=3)
    return relative_sizes(x, layers, spread, _DEPTH_SEED)


def _windows(page: LessonPage, item: Example, answered: bool) -> None:
    """Show the example run on a canvas with up to four items, the first of which can be moved.

    What it predicts for an empty window is shown once the question has been `answered`.
    """
    room = _CANVAS - len(item.image)
    places = st.columns([0.8, 1.1, 1.1, 1.3])
    items = page.slider("garments", "Items", 0, 4, 4, at=places[0])
    row = page.slider("down", "Move first down", 0, room, 0, at=places[1])
    column = page.slider("right", "Move first right", 0, room, 0, at=places[2])
    minimum = page.slider("sure", "Minimum confidence", 50, 99, 90, at=places[3])
    canvas = _canvas(item, items, row, column)
    predictions = sliding_windows.predict_windows(item.plan, item.weights, canvas)
    boxes = sliding_windows.non_maximum_suppression(predictions, minimum / 100, _MAXIMUM_OVERLAP)
    heat_map = _heat_map(predictions, boxes, item, minimum, answered)
    heat_maps(message(canvas, [heat_map], item.data.classes), key="learn-windows")
    if boxes:
        PROSE.show("kept windows")
        shown = [_patch(box, predictions, canvas, item) for box in boxes]
        patches(shown, "learn-kept", None, side=112)
    whole = plan(item.plan.network, canvas.shape, item.plan.classes)
    count = predictions.probabilities[..., 0].size
    together = sliding_windows.multiply_accumulates(item.plan, whole, count)
    separately = count * item.plan.multiply_accumulates
    PROSE.caption("window cost", together=together, count=count, separately=separately)


def predict_nothing(item: Example) -> tuple[str, float]:
    """Return the class that is predicted for a black image, and its probability."""
    black = np.zeros((1, *item.plan.image_shape), np.uint8)
    [prediction] = probabilities(item.plan, item.weights, black)
    return item.data.classes[int(prediction.argmax())], float(prediction.max())


def _canvas(item: Example, items: int, row: int, column: int) -> Pixels:
    data, side = item.data, len(item.image)
    labels = data.labels[data.test]
    placed = [(item.number, (row, column))]
    for name, place in _OTHER_ITEMS.items():
        placed.append((data.test[labels == data.classes.index(name)][0], place))
    canvas = np.zeros((_CANVAS, _CANVAS, 1), np.uint8)
    for number, (down, right) in placed[:items]:
        part = canvas[down : down + side, right : right + side]
        np.maximum(part, data.dataset.images[number], out=part)
    return canvas


def _heat_map(
    predictions: WindowPredictions, boxes: list[Box], item: Example, minimum: int, answered: bool
) -> HeatMap:
    confidence = predictions.probabilities.max(axis=-1)
    rows, columns = confidence.shape
    side, step = predictions.side, predictions.step
    confident = (confidence >= minimum / 100).sum()
    facts = [PROSE.text("windows kept", minimum=minimum, confident=confident, kept=len(boxes))]
    if answered:
        predicted, probability = predict_nothing(item)
        facts.append(PROSE.text("empty window", predicted=predicted, confidence=probability))
    return HeatMap(
        "The prediction for every window",
        PROSE.text("window map", count=confidence.size, side=side, step=step),
        PROSE.text("limit") if answered else PROSE.text("ask about nothing"),
        tuple(facts),
        confidence,
        squares(predictions.starts(0), side, _CANVAS),
        "probability of the predicted class",
        marks=predictions.probabilities.argmax(axis=-1),
        marked="prediction:",
        grid=f"The grid of predictions: {rows} × {columns}",
        overlaid=False,
    )


def _patch(box: Box, predictions: WindowPredictions, canvas: Pixels, item: Example) -> Shown:
    row, column = predictions.step * box.row, predictions.step * box.column
    pixels = canvas[row : row + predictions.side, column : column + predictions.side]
    name, confidence = item.data.classes[box.label], formatting.percent(box.probability)
    patch = Patch(pixels, np.ones(pixels.shape[:2], np.bool_))
    place = f"row {row + 1}, column {column + 1}"
    words = f"{name}, {confidence}, with its first pixel at {place} of the canvas"
    return Shown(patch, confidence, name, place, words)
