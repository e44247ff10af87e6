"""Lesson: Pooling. What it passes on, and what a shift by one pixel changes."""

from functools import partial

import pandas as pd
import streamlit as st

from cnn.arrays import Array, Numbers
from cnn.inspection.forward import forward
from cnn.inspection.image.distortion import Distortion, distorted
from cnn.lessons.pooling_winners import windows_won
from cnn.lessons.shift import ONE_PIXEL, map_changes, predictions
from cnn.network.spec import Pooling
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.charts import draw
from cnn.ui.common.page import chosen_run
from cnn.ui.common.prose import read_prose
from cnn.ui.common.waiting import when_there
from cnn.ui.components.network_message import Picture
from cnn.ui.learn.charts import share_bars
from cnn.ui.learn.figure import (
    Example,
    choose_item,
    example,
    largest_cell,
    network_figure,
    on_test_images,
    starter_network_with,
)
from cnn.ui.learn.lesson_page import LessonPage
from cnn.ui.state import services

PROSE = read_prose("pooling")

LARGEST_WINDOW = 4
"""The largest window and stride offered: they fit into both blocks of the starter network."""

SAMPLE = 500
"""Test images whose maps are compared; with all 2,000 no share would differ by a whole point."""


def show(page: LessonPage) -> None:
    with page.figure:
        item = choose_item(page)
        pooling, filter, shift = _choose(page, item)
        layers, weights = item.one_filter(filter, pooling=pooling)
        image = distorted(item.image, ONE_PIXEL.get(shift, Distortion()))
        outputs = forward(layers, weights, image[None])
        picture = Picture(
            layers, weights, image, (), enlarged=2, first="activation_1", winners=True
        )
        network_figure(page.key("picture"), picture, largest_cell(picture))
        if pooling.kind == "max":
            st.caption(_largest_cells(outputs["activation_1"], pooling))
    with page.text:
        side, pooled = (outputs[f"{kind}_1"].shape[1] for kind in ("activation", "pooling"))
        PROSE.show("pooling", pooling=pooling, side=side, pooled=pooled)
        PROSE.caption("size", side=side, pooled=pooled)
        st.code(f"keras.{pooling.keras_code}", wrap_lines=True)
        before, after = measured_changes("right", 2, 2).by_shift[["maps", "max"]]
        answered = page.ask(before=before, after=after)
        page.to_build("Build a network with this pooling", starter_network_with(pooling=pooling))
        page.to_build("Build a network without pooling", starter_network_with(pooling=None))
    if answered:
        with page.figure:
            _show_measurement(page, "right" if shift == "no" else shift, pooling)


def _choose(page: LessonPage, item: Example) -> tuple[Pooling, int, str]:
    """Return the pooling, the filter, from 0, and the direction of the shift."""
    left, middle, right = st.columns(3)
    kind = page.choice("kind", "Pooling", PROSE.options("kinds"), at=left)
    size = page.slider("size", "Window size", 1, LARGEST_WINDOW, 2, at=middle)
    stride = page.slider("stride", "Stride", 1, LARGEST_WINDOW, 2, at=right)
    left, right = st.columns([1, 2])
    filters = range(1, item.plan.layer("convolution_1").output_shape[2] + 1)
    number = page.one_of("filter", "Map of Convolution 1", filters, 1, at=left)
    shift = page.choice("shift", "Shift the image by one pixel", PROSE.options("shifts"), at=right)
    return Pooling("max" if kind == "max" else "average", size, stride), number - 1, shift


def _largest_cells(map: Array, pooling: Pooling) -> str:
    """Say how many cells of the one map (1, rows, columns, 1) max pooling passes on."""
    won = windows_won(map, pooling.size, pooling.stride)
    winners, decided, windows = won > 0, won.sum(), pooling.apply(map).size
    count, share = winners.sum(), winners.mean()
    sentence = PROSE.text(
        "largest cells", won=won, winners=count, share=share, decided=decided, windows=windows
    )
    if decided < windows:
        sentence += " " + PROSE.text("equal windows", undecided=windows - decided)
    return sentence


def _show_measurement(page: LessonPage, direction: str, pooling: Pooling) -> None:
    """Show what a shift changes in the maps of the example run, and in the predictions of runs."""
    toward = PROSE.options("directions")[direction]
    st.header(f"Measured: test images one pixel {toward}", anchor=False)
    changes = measured_changes(direction, pooling.size, pooling.stride)
    names = PROSE.options("stages", pooling=pooling)
    shares = changes.by_shift[[*names]]
    labels = [f"{name}: {share:.0%}" for name, share in zip(names.values(), shares, strict=True)]
    table = pd.DataFrame({"label": labels, "share": shares, "chosen": shares.index == pooling.kind})
    PROSE.show("chart")
    draw(share_bars, table, alt=", ".join(labels))
    st.markdown(_change_in_words(changes, pooling))
    runs = {run.id: run for run in (example().run, chosen_run(page.session)) if run.kept}
    for run in runs.values():
        answer = on_test_images(f"shift-{run.id}", run, predictions, direction)
        when_there(answer, "Predicting the shifted test images", partial(_show_predictions, run))
    PROSE.caption("method", sample=SAMPLE)


@st.cache_resource(show_spinner="Shifting test images …", max_entries=128)
def measured_changes(direction: str, size: int, stride: int) -> pd.DataFrame:
    """Measure the changes in the example run, see `map_changes`.

    The rows are "image", "maps", "every" (one cell of each stride × stride), "max" and "average".
    """
    item = example()
    layers = item.plan.upto("activation_1")
    poolings = {
        "every": Pooling("max", 1, stride),
        "max": Pooling("max", size, stride),
        "average": Pooling("average", size, stride),
    }
    images = item.data.dataset.images[item.data.test[:SAMPLE]]
    return map_changes(layers, item.weights[: layers.parameters], images, direction, poolings)


def _change_in_words(changes: pd.DataFrame, pooling: Pooling) -> str:
    """Say what remains of the change after pooling, also relative to the distance between images."""
    if pooling.size == 1:
        return PROSE.text("nothing pooled")
    before, after, without = changes.by_shift[["maps", pooling.kind, "every"]]
    others_before, others_after = changes.to_other_image[["maps", pooling.kind]]
    sentences = [
        PROSE.text("change", before=before, after=after),
        PROSE.text("softens") if after < before else PROSE.text("does not soften"),
    ]
    if after < without and pooling.stride > 1:
        sentences.append(PROSE.text("every cell", stride=pooling.stride, every=without))
    if others_after < others_before:
        sentences.append(PROSE.text("more alike"))
    before, after = before / others_before, after / others_after
    sentences.append(PROSE.text("against others", before=before, after=after))
    return " ".join(sentences)


def _show_predictions(run: Run, predicted: Numbers) -> None:
    """Compare the predictions before and after a shift, (2, images), with the labels."""
    data = services.chosen(run.job.data)
    before, after = predicted
    count, labels, changed = len(data.test), data.labels[data.test], before != after
    PROSE.show(
        "predictions",
        run="The example run" if run.id == services.EXAMPLE_RUN else "The current run",
        network=formatting.network(run.job.network),
        changed=changed.sum(),
        count=count,
        share=formatting.accuracy(changed.mean(), count),
        correct=(before == labels).mean(),
        correct_shifted=(after == labels).mean(),
    )
