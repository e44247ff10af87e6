"""A workshop of 45 minutes: its plan, and what this server can train in that time."""

from dataclasses import dataclass
from itertools import accumulate

import streamlit as st

from cnn.network.plan import plan as network_plan
from cnn.network.presets import ARTICLE
from cnn.training.scheduling.limits import LONGEST_QUEUE
from cnn.ui.common import formatting
from cnn.ui.common.page import BUILD, INSPECT, LEARN, TRAIN
from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA, DEFAULT_SETTINGS

_PEOPLE, _EPOCHS = 30, 5
_LINKS = {
    LEARN: "Open the lesson",
    BUILD: "Open Network",
    TRAIN: "Open Train",
    INSPECT: "Open Inspect",
}


@dataclass(frozen=True)
class Part:
    """A part of the workshop: its minutes, the page, what the class does, and what to ask it."""

    minutes: int
    page: str
    activity: str
    question: str
    lesson: str = ""


PLAN = (
    Part(
        4,
        LEARN,
        "An image is numbers",
        "Where in the numbers can you see the edge of the item?",
        "images",
    ),
    Part(
        8,
        LEARN,
        "Everyone moves a kernel and makes one of their own",
        "Which numbers find the sleeves, and nothing else?",
        "convolution",
    ),
    Part(
        4,
        LEARN,
        "Pooling: keep the largest number, or the mean",
        "What is lost, and why can that be useful?",
        "pooling",
    ),
    Part(
        4,
        LEARN,
        "From maps to a row of numbers, and to one sum per unit",
        "Where are most of the parameters, and why there?",
        "dense",
    ),
    Part(
        4,
        LEARN,
        "Logits, probabilities, loss",
        "Can a prediction be correct and still have a large loss?",
        "softmax",
    ),
    Part(
        5,
        BUILD,
        "Everyone changes one thing in the network",
        "What will it do to the number of parameters and to the accuracy? Write it down.",
    ),
    Part(
        8,
        TRAIN,
        "Everyone trains their network and compares it with a neighbor's",
        "Do the confidence intervals of your accuracies overlap? What does that tell you?",
    ),
    Part(
        6,
        INSPECT,
        "“Only mistakes”: find an item that your network gets wrong",
        "Which number decided it? Who can explain it to the class?",
    ),
    Part(
        2,
        BUILD,
        "Take the script or the notebook home",
        "What would you try next?",
    ),
)


def plan() -> None:
    """Show the plan, part by part, with its links."""
    starts = accumulate((part.minutes for part in PLAN), initial=0)
    for start, part in zip(starts, PLAN, strict=False):
        with st.container(horizontal=True, vertical_alignment="top"):
            st.markdown(f"**{start}–{start + part.minutes} min**", width=90)
            with st.container(gap=None):
                # Streamlit cuts the label of a link off at the end of its line.
                st.markdown(f"**{part.activity}**")
                st.page_link(
                    part.page,
                    label=_LINKS[part.page],
                    query_params={"lesson": part.lesson} if part.lesson else None,
                )
                st.caption(f"Ask: {part.question}")


def capacity() -> None:
    """Say how long the trainings of a class take on this server, from its measured speed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        people = int(
            st.number_input(
                "People",
                1,
                LONGEST_QUEUE,
                _PEOPLE,
                key="teach-people",
                width=120,
                help=f"At most {LONGEST_QUEUE} runs can wait at the same time.",
            )
        )
        epochs = int(st.number_input("Epochs each", 1, 100, _EPOCHS, key="teach-epochs", width=120))
    data = services.chosen(DEFAULT_DATA)
    article = network_plan(ARTICLE, data.image_shape, len(data.classes))
    epoch = services.seconds_per_epoch(article, len(data.train), DEFAULT_SETTINGS.batch_size)
    if epoch is None:
        st.caption("The speed of this server is being measured. Come back in half a minute.")
        return
    workers = services.workers()
    together = formatting.seconds(people * epochs * epoch / workers)
    at_once = "one at a time" if workers == 1 else f"{workers} at a time"
    each = "1 epoch each" if epochs == 1 else f"{epochs} epochs each"
    st.markdown(
        f"One epoch of the starter network takes about **{epoch:.1f} s** here. {people} different"
        f" networks of its size, {each}, trained {at_once}, take **{together}** in total. People who"
        " train the same network with the same settings share one training. Everyone who waits sees"
        " their place in the queue and the remaining time."
    )
