"""Lesson Pooling: what a shift by one pixel changes, measured on test images."""

from concurrent.futures import Future
from functools import partial

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.lessons.shift import Answers, Change, Pixels, answers, changes
from cnn.network.plan import Plan
from cnn.network.spec import Pooling
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.page import chosen_run
from cnn.ui.common.theme import POSITIVE, QUIET
from cnn.ui.common.waiting import when_there
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.question import Answer, question
from cnn.ui.state import services
from cnn.ui.state.session import Session

SAMPLE = 500
"""Test images whose maps are measured; with all 2,000 no share would be a whole point off."""

_WHERE = {"left": "to the left", "right": "to the right", "up": "up", "down": "down"}


def predict(setup: Setup) -> bool:
    """Ask what becomes of a shift behind the article's pooling; True once it was answered."""
    found = measured_changes("right", 2, 2)
    before, behind = _share(found["maps"]), _share(found["max"])
    numbers = f"from {before} before the pooling to {behind} behind it"
    return question(
        setup,
        "All test images move one pixel to the right. What becomes of the change in the maps behind"
        " 2 × 2 max pooling?",
        (
            Answer(
                "It is gone: each largest cell stays in its window",
                f"Half of the cells leave their window with a step to the right, and new ones come in."
                f" The change goes {numbers}.",
            ),
            Answer(
                "Less than a quarter of it is left",
                f"That is what one might hope for. Measured, it goes only {numbers}.",
            ),
            Answer(
                "Most of it is left",
                f"It goes {numbers}. Pooling softens a shift of one pixel; it does not undo it.",
                right=True,
            ),
        ),
    )


def measured(session: Session, direction: str, pooling: Pooling) -> None:
    """Draw what a shift changes in the maps of the shipped run, and how many answers it changes."""
    st.subheader(f"Measured: test images one pixel {_WHERE[direction]}", anchor=False)
    found = measured_changes(direction, pooling.size, pooling.stride)
    _chart(found, pooling)
    st.markdown(_in_words(found, pooling))
    run = chosen_run(session)
    shipped = services.run_store().run(services.EXAMPLE_RUN)
    for one in [shipped] if run.id == shipped.id else [shipped, run]:
        if one.kept:
            when_there(
                _answers(one, direction),
                "Running the shifted test images through the network",
                partial(_tell, one),
            )
    st.caption(
        f"Change: how far the maps of the shifted image are from the maps, divided by the maps' own size"
        f" (the root of the sum of all squares). Means over {SAMPLE} test images; in brackets the 95 % interval."
        " This network was trained with pooling. To see what pooling is worth, build the network without"
        " it, train it and come back: its answers will be counted here, too."
    )


@st.cache_resource(show_spinner="Shifting test images …", max_entries=128)
def measured_changes(direction: str, size: int, stride: int) -> dict[str, Change]:
    """The change of "image", "maps", every `stride`th cell, "max" and "average" in the shipped run."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data, plan = services.chosen(run.job.data), services.run_plan(run).upto("activation_1")
    weights = services.weights(run.id, run.kept[-1])[: plan.parameters]
    poolings = {
        "every": Pooling("max", 1, stride),
        "max": Pooling("max", size, stride),
        "average": Pooling("average", size, stride),
    }
    images = data.dataset.images[data.test[:SAMPLE]]
    return changes(plan, weights, images, direction, poolings)


def _share(change: Change) -> str:
    return formatting.percent(float(change.moved.mean()), 0)


def _chart(found: dict[str, Change], pooling: Pooling) -> None:
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
            "what": list(names.values()),
            "change": [float(found[name].moved.mean()) for name in names],
            "text": [_share(found[name]) for name in names],
            "chosen": [name == pooling.kind for name in names],
        }
    )
    base = alt.Chart(table).encode(
        y=alt.Y("what:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
        x=alt.X(
            "change:Q",
            title="change, as a share of its own size",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domainMax=1.1 * float(table["change"].max())),
        ),
    )
    color = alt.condition(alt.datum.chosen, alt.value(POSITIVE), alt.value(QUIET))
    texts = base.mark_text(align="left", dx=4, color=QUIET).encode(text="text:N")
    bars = base.mark_bar().encode(color=color)
    pairs = zip(table["what"], table["text"], strict=True)
    listed = ", ".join(f"{what} {text}" for what, text in pairs)
    st.altair_chart(alt.layer(bars, texts).properties(height=alt.Step(24)), alt=listed)


def _in_words(found: dict[str, Change], pooling: Pooling) -> str:
    """What comes of the change behind the pooling, also against how far other images are."""
    if pooling.size == 1:
        return "A window of one cell pools nothing: choose a larger one."
    before, behind, every = (
        float(found[name].moved.mean()) for name in ("maps", pooling.kind, "every")
    )
    sentences = [
        f"The maps change by **{_share(found['maps'])}** before the pooling and by"
        f" **{_share(found[pooling.kind])}** behind it:"
        + (" it softens the shift." if behind < before else " it does not soften the shift.")
    ]
    if behind < every and pooling.stride > 1:
        sentences.append(
            f"A smaller map alone would not: one cell of {pooling.stride} × {pooling.stride} taken as"
            f" it is changes by {_share(found['every'])}."
        )
    alike = bool(found[pooling.kind].apart.mean() < found["maps"].apart.mean())
    sides = (formatting.percent(_against_others(found[name]), 0) for name in ("maps", pooling.kind))
    sentences.append(
        "But pooling also makes different images more alike. " * alike
        + "Measured against the distance to another image, the change goes from {} to {}.".format(
            *sides
        )
    )
    return " ".join(sentences)


def _against_others(change: Change) -> float:
    return float(change.moved.mean() / change.apart.mean())


def _answers(run: Run, direction: str) -> Future[Answers]:
    """What a run at its last epoch says of its test images and of the shifted ones."""
    count = len(services.chosen(run.job.data).test)
    if 2 * services.run_plan(run).multiply_accumulates * count < services.HEAVY:
        known: Future[Answers] = Future()
        known.set_result(_counted(run.id, run.kept[-1], direction))
        return known
    key = run.id, run.kept[-1], direction
    return services.ask(f"shift-{run.id}", key, answers, *_given(run, run.kept[-1]), direction)


@st.cache_resource(show_spinner="Shifting test images …", max_entries=64)
def _counted(run_id: str, epoch: int, direction: str) -> Answers:
    return answers(*_given(services.run_store().run(run_id), epoch), direction)


def _given(run: Run, epoch: int) -> tuple[Plan, NDArray[np.float32], Pixels, NDArray[np.int64]]:
    """The network, its weights, its test images and their labels."""
    data = services.chosen(run.job.data)
    images, labels = data.dataset.images[data.test], data.labels[data.test]
    return services.run_plan(run), services.weights(run.id, epoch), images, labels


def _tell(run: Run, found: Answers) -> None:
    name = "The shipped run" if run.id == services.EXAMPLE_RUN else "The run looked at"
    count = found.images
    right, shifted = (formatting.percent(one / count) for one in (found.right, found.right_shifted))
    st.markdown(
        f"**{name}** ({formatting.network(run.job.network)}) gives {found.changed} of"
        f" {formatting.thousands(count)} shifted test images another answer:"
        f" {formatting.accuracy(found.changed / count, count)}. Of the images as they are it gets {right} right, of the"
        f" shifted ones {shifted}."
    )
