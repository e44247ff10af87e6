"""A workshop of 45 minutes: its plan, and what this server can train in that time."""

from dataclasses import dataclass
from itertools import accumulate

import streamlit as st

from cnn.network.plan import plan as network_plan
from cnn.network.presets import ARTICLE
from cnn.training.scheduling.engine import LONGEST_QUEUE
from cnn.ui.common import formatting
from cnn.ui.common.page import BUILD, INSPECT, LEARN, TRAIN
from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA, DEFAULT_SETTINGS

_PEOPLE, _EPOCHS = 30, 5


@dataclass(frozen=True)
class Part:
    """So many minutes of a workshop: where, what the class does, what to ask it."""

    minutes: int
    page: str
    what: str
    ask: str
    lesson: str = ""


PLAN = (
    Part(
        4,
        LEARN,
        "An image is numbers",
        "Where in the numbers do you see the garment's edge?",
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
        "Pooling, by the largest and by the mean",
        "What is lost, and what would it be good for to lose it?",
        "pooling",
    ),
    Part(
        4,
        LEARN,
        "From maps to a row of numbers to one sum a unit",
        "Where are most of the parameters, and why there?",
        "dense",
    ),
    Part(
        4,
        LEARN,
        "Logits, probabilities, loss",
        "Can a network be right and have a large loss?",
        "softmax",
    ),
    Part(
        5,
        BUILD,
        "Everyone changes one thing in the network",
        "What will it do to the number of parameters, and to the accuracy? Write it down.",
    ),
    Part(
        8,
        TRAIN,
        "Everyone trains theirs and compares with a neighbor",
        "Are your accuracies further apart than their intervals?",
    ),
    Part(
        6,
        INSPECT,
        "“Only mistakes”: a garment that your network gets wrong",
        "Which number decided it? Who can explain it to the class?",
    ),
    Part(
        2,
        BUILD,
        "Take the script home, or the notebook",
        "What would you try next?",
    ),
)


def plan() -> None:
    """The plan, part by part, with its links."""
    starts = accumulate((part.minutes for part in PLAN), initial=0)
    for start, part in zip(starts, PLAN, strict=False):
        with st.container(horizontal=True, vertical_alignment="top"):
            st.markdown(f"**{start}–{start + part.minutes} min**", width=90)
            with st.container(gap=None):
                st.page_link(
                    part.page,
                    label=part.what,
                    query_params={"lesson": part.lesson} if part.lesson else None,
                )
                st.caption(f"Ask: {part.ask}")


def capacity() -> None:
    """How long a class's trainings take on this server, from the pace it was measured at."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        people = int(
            st.number_input(
                "People",
                1,
                LONGEST_QUEUE,
                _PEOPLE,
                key="teach-people",
                width=120,
                help=f"No more than {LONGEST_QUEUE} runs can wait at a time.",
            )
        )
        epochs = int(st.number_input("Epochs each", 1, 100, _EPOCHS, key="teach-epochs", width=120))
    data = services.chosen(DEFAULT_DATA)
    article = network_plan(ARTICLE, data.image_shape, len(data.classes))
    batch = DEFAULT_SETTINGS.batch_size
    epoch = services.seconds_per_epoch(article, len(data.train), batch)
    if epoch is None:
        st.caption("The pace of this server is being measured; look again in half a minute.")
        return
    workers = services.workers()
    whole = formatting.seconds(people * epochs * epoch / workers)
    at_once = "one at a time" if workers == 1 else f"{workers} at a time"
    st.markdown(
        f"An epoch of the article's network takes about **{epoch:.1f} s** here. {people} different "
        f"networks of its size, {epochs} epochs each, trained {at_once}, take **{whole}** together; "
        "those who train the same network with the same settings share one training. Whoever waits "
        "sees the place in the queue and the time."
    )
