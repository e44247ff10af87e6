"""Batch sizes side by side: a topic of the lesson on training."""

import streamlit as st

from cnn.network.presets import ARTICLE
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.lessons.training_rates import TOP
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

_SIZES = (8, 32, 128, 512)
_RATES = ("0.03", "0.1", "0.3")


def show(session: Session, setup: Setup) -> None:
    """Four networks that differ in the batch size only."""
    text, picture = st.columns([1, 2], gap="large")
    with picture:
        rate = float(
            setup.choice(
                "batchrate",
                "Learning rate of all four",
                dict(zip(_RATES, _RATES, strict=True)),
                "0.1",
            )
        )
        wanted = [
            Wanted(f"Batches of {size}", settings("sgd", rate, batch=size)) for size in _SIZES
        ]
        train_button(wanted)
        side_by_side("learn-batches", wanted, columns=2, top=TOP)
        _verdict(wanted)
    with text:
        _words(wanted)
        for one in wanted:
            size = one.settings.batch_size
            to_train(session, f"Batches of {size} on the Train page", ARTICLE, TENTH, one.settings)


def _words(wanted: list[Wanted]) -> None:
    st.markdown(
        "The gradient is not taken on all images before every step, but on a **batch** of them. After"
        " each batch the weights move; when every image has been in a batch, an *epoch* is over."
    )
    st.latex(
        r"\text{steps an epoch} = \left\lceil \frac{\text{images}}{\text{batch size}} \right\rceil"
    )
    st.caption(r"$\lceil\ \rceil$: rounded up, for the last batch may be smaller.")
    st.markdown(
        "  \n".join(
            f"{formatting.thousands(IMAGES)} images, batches of {one.settings.batch_size}:"
            f" **{one.steps} steps**"
            for one in wanted
        )
    )
    st.markdown(
        "A small batch gives many steps, each in the direction that these few images happen to suggest."
        " A large one gives few steps that agree better with all the images. With the same learning"
        f" rate and {EPOCHS} epochs, do many steps get further?"
    )
    st.code(
        f"model.fit(\n    x, y,\n    epochs={EPOCHS},\n    batch_size=32,\n)", language="python"
    )


def _verdict(wanted: list[Wanted]) -> None:
    found = [trial for one in wanted if (trial := trained(one)) is not None]
    if len(found) < len(wanted):
        return
    rows = [
        f"| {one.settings.batch_size} | {formatting.thousands(one.steps * EPOCHS)} |"
        f" {trial.seconds / EPOCHS:.2f} s | {trial.epochs[-1].validation_loss:.2f} |"
        for one, trial in zip(wanted, found, strict=True)
    ]
    head = f"| Batch size | Steps in {EPOCHS} epochs | An epoch took | Validation loss |"
    st.markdown("\n".join([head, "| ---: | ---: | ---: | ---: |", *rows]))
    st.caption(CONDITIONS)
