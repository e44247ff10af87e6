"""Lesson: Pooling. What it passes on, and what a shift by one pixel changes."""

from concurrent.futures import Future
from dataclasses import replace
from functools import partial

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.forward import forward
from cnn.inspection.image.distortion import Distortion, distorted
from cnn.inspection.units import Unit, to_text
from cnn.lessons.pooling_winners import windows_won
from cnn.lessons.shift import (
    ONE_PIXEL,
    MapChange,
    PredictionChanges,
    map_changes,
    prediction_changes,
)
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network, Pooling
from cnn.operations import output_size
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.page import chosen_run
from cnn.ui.common.prose import read_prose
from cnn.ui.common.theme import POSITIVE, QUIET
from cnn.ui.common.waiting import when_there
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import (
    Example,
    choose_item,
    network_figure,
    on_test_images,
    text_and_figure,
)
from cnn.ui.learn.next_steps import to_build
from cnn.ui.learn.question import ask
from cnn.ui.state import services
from cnn.ui.state.session import Session

PROSE = read_prose("pooling")

LARGEST_WINDOW = 4
"""The largest window and stride offered: they fit into both blocks of the starter network."""

SAMPLE = 500
"""Test images whose maps are compared; with all 2,000 no share would differ by a whole point."""

_KINDS = {"max": "Max", "average": "Average"}
_SHIFTS = {"no": "None", "left": "Left", "right": "Right", "up": "Up", "down": "Down"}
_DIRECTIONS = {"left": "to the left", "right": "to the right", "up": "up", "down": "down"}


def show(session: Session, controls: Controls) -> None:
    """Draw the lesson."""
    text, figure = text_and_figure()
    with figure:
        example = choose_item(session, controls.lesson)
        pooling, filter, shift = _choose(controls, example)
        _draw(controls, example, pooling, filter, shift)
    with text:
        _explain(example.plan.layer("pooling_1").input_shape[0], pooling)
        article = measured_changes("right", 2, 2)
        answered = ask(
            controls,
            PROSE,
            before=_mean_change(article["maps"]),
            after=_mean_change(article["max"]),
        )
        to_build(session, "Build a network with this pooling", with_pooling(pooling))
        to_build(session, "Build a network without pooling", with_pooling(None))
    if answered:
        with figure:
            _show_measurement(session, "right" if shift == "no" else shift, pooling)


def with_pooling(pooling: Pooling | None) -> Network:
    """Return the starter network with this pooling, or none, in both blocks."""
    blocks = tuple(replace(block, pooling=pooling) for block in ARTICLE.blocks)
    return replace(ARTICLE, blocks=blocks)


def _choose(controls: Controls, example: Example) -> tuple[Pooling, int, str]:
    """Return the pooling, the filter, from 0, and the direction of the shift."""
    kind_place, size_place, stride_place = st.columns(3)
    kind = controls.choice("kind", "Pooling", _KINDS, "max", at=kind_place)
    size = controls.whole("size", "Window size", 1, LARGEST_WINDOW, 2, at=size_place)
    stride = controls.whole("stride", "Stride", 1, LARGEST_WINDOW, 2, at=stride_place)
    filter_place, shift_place = st.columns([1, 2])
    filters = example.plan.layer("convolution_1").output_shape[2]
    number = controls.one_of(
        "filter", "Map of Convolution 1", range(1, filters + 1), 1, at=filter_place
    )
    shift = controls.choice("shift", "Shift the image by one pixel", _SHIFTS, "no", at=shift_place)
    pooling = Pooling("max" if kind == "max" else "average", size, stride)
    return pooling, number - 1, shift


def _draw(controls: Controls, example: Example, pooling: Pooling, filter: int, shift: str) -> None:
    layers, weights = example.one_filter(filter, pooling=pooling)
    image = distorted(example.image, ONE_PIXEL.get(shift, Distortion()))
    outputs = forward(layers, weights, image[None])
    pooled = outputs["pooling_1"][0, ..., 0]
    row, column = np.unravel_index(pooled.argmax(), pooled.shape)
    network_figure(
        controls.key("picture"),
        Picture(layers, weights, image, (), enlarged=2, first="activation_1", winners=True),
        to_text(Unit("pooling_1", 0, int(row), int(column)), layers),
    )
    if pooling.kind == "max":
        st.caption(_largest_cells(outputs["activation_1"], pooling))


def _largest_cells(map: NDArray[np.float32], pooling: Pooling) -> str:
    """Say how many cells of the one map (1, rows, columns, 1) max pooling passes on."""
    won = windows_won(map, pooling.size, pooling.stride)
    winners, decided = int((won > 0).sum()), int(won.sum())
    windows = output_size(map.shape[1], pooling.size, pooling.stride, "valid") ** 2
    sentence = PROSE.text(
        "largest cells",
        winners=winners,
        cells=won.size,
        share=formatting.percent(winners / won.size, 0),
        decided=decided,
        windows=windows,
    )
    if decided < windows:
        sentence += " " + PROSE.text("equal windows", undecided=windows - decided)
    return sentence


def _explain(side: int, pooling: Pooling) -> None:
    """Explain pooling for a map of `side` x `side` cells in words, as a formula and in Keras."""
    size, stride = pooling.size, pooling.stride
    pooled = output_size(side, size, stride, "valid")
    PROSE.show("pooling", size=size, stride=stride, side=side, pooled=pooled)
    PROSE.caption("size", side=side, pooled=pooled)
    st.code(keras_line(pooling), wrap_lines=True)


def keras_line(pooling: Pooling) -> str:
    """Return the layer in Keras, where a stride equal to the window size can be left out."""
    layer = {"max": "MaxPooling2D", "average": "AveragePooling2D"}[pooling.kind]
    stride = f", strides={pooling.stride}" if pooling.stride != pooling.size else ""
    return f"keras.layers.{layer}({pooling.size}{stride})"


def _show_measurement(session: Session, direction: str, pooling: Pooling) -> None:
    """Show what a shift changes in the maps of the example run, and in the predictions of runs."""
    st.subheader(f"Measured: test images one pixel {_DIRECTIONS[direction]}", anchor=False)
    changes = measured_changes(direction, pooling.size, pooling.stride)
    _chart(changes, pooling)
    st.markdown(_change_in_words(changes, pooling))
    current = chosen_run(session)
    example = services.run_store().run(services.EXAMPLE_RUN)
    for run in [example] if current.id == example.id else [example, current]:
        if run.kept:
            when_there(
                _prediction_changes(run, direction),
                "Predicting the shifted test images",
                partial(_show_predictions, run),
            )
    PROSE.caption("method", sample=SAMPLE)


@st.cache_resource(show_spinner="Shifting test images …", max_entries=128)
def measured_changes(direction: str, size: int, stride: int) -> dict[str, MapChange]:
    """Measure the changes in the example run.

    The keys are "image", "maps", "every" (one cell of each stride × stride), "max" and "average".
    """
    run = services.run_store().run(services.EXAMPLE_RUN)
    data, layers = services.chosen(run.job.data), services.run_plan(run).upto("activation_1")
    weights = services.weights(run.id, run.last_epoch)[: layers.parameters]
    poolings = {
        "every": Pooling("max", 1, stride),
        "max": Pooling("max", size, stride),
        "average": Pooling("average", size, stride),
    }
    images = data.dataset.images[data.test[:SAMPLE]]
    return map_changes(layers, weights, images, direction, poolings)


def _mean_change(change: MapChange) -> str:
    return formatting.percent(float(change.by_shift.mean()), 0)


def _chart(changes: dict[str, MapChange], pooling: Pooling) -> None:
    window = f"{pooling.size} × {pooling.size}, stride {pooling.stride}"
    names = {
        "image": "The image",
        "maps": "Maps before pooling",
        "every": f"One cell of {pooling.stride} × {pooling.stride}, no pooling",
        "max": f"Max pooling {window}",
        "average": f"Average pooling {window}",
    }
    table = pd.DataFrame(
        {
            "stage": list(names.values()),
            "change": [float(changes[name].by_shift.mean()) for name in names],
            "text": [_mean_change(changes[name]) for name in names],
            "chosen": [name == pooling.kind for name in names],
        }
    )
    base = alt.Chart(table).encode(
        y=alt.Y("stage:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
        x=alt.X(
            "change:Q",
            title="change, relative to the size of the maps",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domainMax=1.1 * float(table["change"].max())),
        ),
    )
    color = alt.condition(alt.datum.chosen, alt.value(POSITIVE), alt.value(QUIET))
    texts = base.mark_text(align="left", dx=4, color=QUIET).encode(text="text:N")
    bars = base.mark_bar().encode(color=color)
    rows = zip(table["stage"], table["text"], strict=True)
    listed = ", ".join(f"{stage} {text}" for stage, text in rows)
    st.altair_chart(
        alt.layer(bars, texts).properties(height=alt.Step(44), padding=CHART_PADDING), alt=listed
    )


def _change_in_words(changes: dict[str, MapChange], pooling: Pooling) -> str:
    """Say what remains of the change after pooling, also relative to the distance between images."""
    if pooling.size == 1:
        return PROSE.text("nothing pooled")
    maps, pooled, every = (changes[name] for name in ("maps", pooling.kind, "every"))
    softer = pooled.by_shift.mean() < maps.by_shift.mean()
    sentences = [
        PROSE.text("change", before=_mean_change(maps), after=_mean_change(pooled)),
        PROSE.text("softens") if softer else PROSE.text("does not soften"),
    ]
    if pooled.by_shift.mean() < every.by_shift.mean() and pooling.stride > 1:
        sentences.append(PROSE.text("every cell", stride=pooling.stride, every=_mean_change(every)))
    if pooled.to_other_image.mean() < maps.to_other_image.mean():
        sentences.append(PROSE.text("more alike"))
    sentences.append(
        PROSE.text("against others", before=_against_others(maps), after=_against_others(pooled))
    )
    return " ".join(sentences)


def _against_others(change: MapChange) -> str:
    return formatting.percent(float(change.by_shift.mean() / change.to_other_image.mean()), 0)


def _prediction_changes(run: Run, direction: str) -> Future[PredictionChanges]:
    """Compare a run's predictions, at its last epoch, for its test images and the shifted ones."""
    data = services.chosen(run.job.data)
    arrays = data.dataset.images[data.test], data.labels[data.test]
    return on_test_images(f"shift-{run.id}", run, prediction_changes, arrays, direction)


def _show_predictions(run: Run, changes: PredictionChanges) -> None:
    count = changes.images
    PROSE.show(
        "predictions",
        run="The example run" if run.id == services.EXAMPLE_RUN else "The current run",
        network=formatting.network(run.job.network),
        changed=changes.changed,
        count=formatting.thousands(count),
        share=formatting.accuracy(changes.changed / count, count),
        correct=formatting.percent(changes.correct / count),
        correct_shifted=formatting.percent(changes.correct_shifted / count),
    )
