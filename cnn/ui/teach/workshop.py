"""A workshop of 45 minutes, and whether this server is fast enough; `workshop.md` has the text."""

import streamlit as st

from cnn.network.plan import plan as network_plan
from cnn.network.presets import ARTICLE
from cnn.training.scheduling.limits import LONGEST_QUEUE
from cnn.ui.common import formatting
from cnn.ui.common.page import BUILD, INSPECT, LEARN, TRAIN
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import wait_for_speed
from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA, DEFAULT_SETTINGS

_TEXT = read_sections(__file__)
_PEOPLE, _EPOCHS = 30, 5
_LINKS = {LEARN: "the lesson", BUILD: "Network", TRAIN: "Train", INSPECT: "Inspect"}
PLAN = (
    (4, LEARN, "images"),
    (8, LEARN, "convolution"),
    (4, LEARN, "pooling"),
    (4, LEARN, "dense"),
    (4, LEARN, "softmax"),
    (5, BUILD, "change"),
    (8, TRAIN, "train"),
    (6, INSPECT, "mistakes"),
    (2, BUILD, "script"),
)
"""The parts: minutes, page, and the section with its text, which for a lesson is the lesson's key."""


def plan() -> None:
    """Show the plan, part by part, with its links."""
    start = 0
    for minutes, page, section in PLAN:
        activity, question = _TEXT.text(section).split("\n\n")
        lesson = {"lesson": section} if page == LEARN else None
        with st.container(horizontal=True, vertical_alignment="top"):
            st.markdown(f"**{start}–{start + minutes} min**", width=90)
            with st.container(gap=None):
                # Streamlit cuts the label of a link off at the end of its line.
                st.markdown(f"**{activity}**")
                st.page_link(page, label=f"Open {_LINKS[page]}", query_params=lesson)
                st.caption(f"Ask: {question}")
        start += minutes


def capacity() -> None:
    """Say how long the trainings of a class take on this server, from its measured speed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        help = _TEXT.text("People", most=LONGEST_QUEUE)
        people = st.number_input(
            "People", 1, LONGEST_QUEUE, _PEOPLE, key="teach-people", width=120, help=help
        )
        epochs = st.number_input("Epochs each", 1, 100, _EPOCHS, key="teach-epochs", width=120)
    data = services.chosen(DEFAULT_DATA)
    article = network_plan(ARTICLE, data.image_shape, len(data.classes))
    epoch = services.seconds_per_epoch(article, len(data.train), DEFAULT_SETTINGS.batch_size)
    if epoch is None:
        _TEXT.caption("speed/unknown")
        wait_for_speed()
        return
    workers = services.engine().workers
    _TEXT.show(
        "speed/known",
        epoch=epoch,
        networks=formatting.counted(people, "different network"),
        epochs=formatting.counted(epochs, "epoch"),
        workers="one at a time" if workers == 1 else f"{workers} at a time",
        total=formatting.seconds(people * epochs * epoch / workers),
    )
