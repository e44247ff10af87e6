"""Three learning rates side by side: a topic of the lesson on training."""

from math import log

import streamlit as st

from cnn.network.presets import ARTICLE
from cnn.training.job import OptimiserName
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.lessons.training_trials import (
    CONDITIONS,
    EPOCHS,
    IMAGES,
    TENTH,
    Wanted,
    settings,
    side_by_side,
    train_button,
    trained,
)
from cnn.ui.learn.next_steps import to_train
from cnn.ui.state.session import Session

_NAMES = ("Small", "Middle", "Large")
_RATES = ("0.0001", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10")
_USUAL: dict[OptimiserName, tuple[str, str, str]] = {
    "sgd": ("0.01", "0.3", "3"),
    "adam": ("0.0001", "0.01", "0.3"),
}
_OPTIMISERS: dict[str, OptimiserName] = {"sgd": "sgd", "adam": "adam"}


TOP = 3.0
"""The end of the loss's axis: above what guessing among ten classes gives."""


def show(session: Session, setup: Setup) -> None:
    """Three networks that differ in the learning rate only."""
    text, picture = st.columns([1, 2], gap="large")
    with picture:
        names = {"sgd": "Plain gradient descent (SGD)", "adam": "Adam"}
        optimiser = _OPTIMISERS[setup.choice("optimiser", "Optimiser", names, "sgd")]
        rates = _rates(setup, optimiser)
        wanted = [
            Wanted(f"{name}: {rate:g}", settings(optimiser, rate))
            for name, rate in zip(_NAMES, rates, strict=True)
        ]
        train_button(wanted)
        side_by_side("learn-rates", wanted, columns=3, top=TOP)
        _verdict(wanted)
    with text:
        _words(optimiser, rates[1])
        for rate in dict.fromkeys(rates):
            label = f"Rate {rate:g} on the Train page"
            to_train(session, label, ARTICLE, TENTH, settings(optimiser, rate))


def _rates(setup: Setup, optimiser: OptimiserName) -> list[float]:
    rates = {rate: rate for rate in _RATES}
    found = []
    for column, name, usual in zip(st.columns(3), _NAMES, _USUAL[optimiser], strict=True):
        with column:
            key = f"{name.lower()}{optimiser}"
            found.append(float(setup.choice(key, f"{name} rate", rates, usual, slider=True)))
    return found


def _words(optimiser: OptimiserName, rate: float) -> None:
    st.markdown(
        "Three copies of the article's network start from the same weights and see the same"
        f" {formatting.thousands(IMAGES)} images in the same order, {EPOCHS} times (*epochs*). Only the"
        " **learning rate** differs."
    )
    st.markdown(
        "**Too small**, and every step leads down, but they get nowhere in the time. **Too large**, and"
        " they jump over the valley: the loss goes up and down or stays where guessing is. For ten"
        f" classes guessing gives a loss of $\\ln 10 = {log(10):.2f}$."
    )
    if optimiser == "adam":
        st.markdown(
            "**Adam** gives each weight a step length of its own, from the slopes it has met so far; the"
            " rate is about how far each weight moves. So its rates are smaller."
        )
    keras = "SGD" if optimiser == "sgd" else "Adam"
    st.code(f"keras.optimizers.{keras}(\n    learning_rate={rate:g}\n)", language="python")


def _verdict(wanted: list[Wanted]) -> None:
    found = [trained(one) for one in wanted]
    if not all(found):
        return
    losses = {
        one.settings.learning_rate(1): trial.epochs[-1].validation_loss
        for one, trial in zip(wanted, found, strict=True)
        if trial is not None and trial.outcome.ending == "done"
    }
    if losses:
        best = min(losses, key=losses.__getitem__)
        st.markdown(
            f"Smallest validation loss after {EPOCHS} epochs: **{losses[best]:.2f}**, with rate"
            f" **{best:g}**."
        )
    st.caption(CONDITIONS)
