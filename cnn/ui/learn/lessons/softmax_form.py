"""The controls of the lesson on softmax: classes with their logits, and which of them is true."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn import operations
from cnn.lessons.softmax_steps import AnswerSteps
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork, on_a_garment
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA

_SOURCES = {"hand": "By hand", "network": "Of a garment"}
_WHO = (6, 0, 2, 4, 3)
"""The classes on the sliders at first: those that are mixed up most."""
_REACH = 10.0


@dataclass(frozen=True, eq=False)
class Chosen:
    """The answer that is looked at: the names of its classes, the number of the true one in the data.

    `added` is in all logits of `steps` already; `at_work` is what gave them, None for the sliders.
    """

    steps: AnswerSteps
    names: tuple[str, ...]
    true: int
    added: float
    at_work: AtWork | None


def form(session: Session, setup: Setup) -> Chosen:
    """The controls, and what is chosen by them."""
    every = services.chosen(DEFAULT_DATA).classes
    left, right = st.columns(2)
    with left:
        source = setup.choice("logits", "Logits", _SOURCES, "hand")
    at_work = None
    if source == "network":
        at_work = on_a_garment(session, setup.lesson)
        classes, logits = tuple(range(len(every))), at_work.outputs["logits"]
    else:
        with right:
            counts = {str(count): str(count) for count in range(3, len(_WHO) + 1)}
            count = int(setup.choice("classes", "Classes", counts, "3"))
        classes = _who(setup, len(every))[:count]
        logits = _by_hand(setup, [every[one] for one in classes])
    left, right = st.columns(2)
    with left:
        temperature = setup.decimal("temperature", "Temperature $T$", 0.1, 5.0, 1.0, 0.1)
    with right:
        added = setup.decimal("add", "Added to every logit", -_REACH, _REACH, 0.0, 0.5)
    true = at_work.label if at_work else _true(setup, classes, every)
    steps = AnswerSteps(logits + np.float32(added), temperature, classes.index(true))
    return Chosen(steps, tuple(every[one] for one in classes), true, added, at_work)


def five_of_all(setup: Setup, at_work: AtWork) -> None:
    """A button for the five largest logits on the sliders, and what leaving out the others does."""
    logits = at_work.outputs["logits"]
    five = tuple(int(one) for one in np.argsort(-logits)[: len(_WHO)])
    best = five[0]
    share = formatting.percent(operations.softmax(logits)[best], 2)
    alone = formatting.percent(operations.softmax(logits[list(five)])[0], 2)
    st.caption(
        f"At temperature 1 {at_work.data.classes[best]} has {share} of all {len(logits)}; among the"
        f" five largest alone it would have {alone}: softmax knows only the classes it is given. The"
        " sliders have tenths."
    )

    def take() -> None:
        true = at_work.label if at_work.label in five else best
        values: dict[str, object] = {"logits": "hand", "classes": "5", "who": five}
        values |= {"true": str(true), "add": 0.0}
        values |= {f"z{at}": round(float(logits[one]), 1) for at, one in enumerate(five, 1)}
        for control, value in values.items():
            st.session_state[setup.key(control)] = value

    st.button("The five largest on sliders", icon=":material/tune:", on_click=take)


def _by_hand(setup: Setup, names: list[str]) -> NDArray[np.float32]:
    """A logit for each of these classes."""
    logits = []
    places = st.columns(len(names))
    for number, (place, name) in enumerate(zip(places, names, strict=True), start=1):
        with place:
            usual = 3.0 - number
            logits.append(setup.decimal(f"z{number}", name, -_REACH, _REACH, usual, 0.1))
    return np.array(logits, np.float32)


def _true(setup: Setup, classes: tuple[int, ...], every: tuple[str, ...]) -> int:
    options = {str(one): every[one] for one in classes}
    return int(setup.choice("true", "True class", options, str(classes[0])))


def _who(setup: Setup, count: int) -> tuple[int, ...]:
    """Which classes the sliders are for; the address has their numbers where they are others."""
    key = setup.key("who")
    if key not in st.session_state:
        st.session_state[key] = _read(setup, count)
    who: tuple[int, ...] = st.session_state[key]
    if who != _WHO:
        setup.put("who", "~".join(map(str, who)))
    return who


def _read(setup: Setup, count: int) -> tuple[int, ...]:
    text = setup.given("who")
    usual = "~".join(map(str, _WHO))
    parts = (text or usual).split("~")
    known = {str(one) for one in range(count)}
    if len(parts) == len(set(parts)) == len(_WHO) and set(parts) <= known:
        return tuple(map(int, parts))
    setup.refuse("who", text or "", usual)
    return _WHO
