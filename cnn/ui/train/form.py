"""The form of the Train page: how the next training is to go, and the button that starts it."""

from collections.abc import Callable

import streamlit as st

from cnn.data.dataset import DataError
from cnn.network.spec import NetworkError
from cnn.training.job import (
    BATCH_SIZE,
    EPOCHS,
    OPTIMISERS,
    PATIENCE,
    SEED,
    JobError,
    OptimiserName,
    Phase,
    Settings,
)
from cnn.training.run import Run, RunError
from cnn.ui.state import services
from cnn.ui.state.session import Session

ERROR = "train-error"
"""Where the sentence is kept that says why the engine refused the last wish."""

_RATES = [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
_OPTIMISER_NAMES = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}


def settings_form(session: Session) -> None:
    """The settings of the next training; `session.settings` is what it shows and changes."""
    settings, made = session.settings, session.generation
    epochs = int(
        st.number_input(
            "Epochs", int(EPOCHS.low), int(EPOCHS.high), settings.epochs, key=f"epochs-{made}"
        )
    )
    batch = int(
        st.number_input(
            "Batch size",
            int(BATCH_SIZE.low),
            int(BATCH_SIZE.high),
            settings.batch_size,
            step=8,
            key=f"batch-{made}",
            help="Images between two changes of the weights.",
        )
    )
    optimiser: OptimiserName = st.segmented_control(
        "Optimiser",
        OPTIMISERS,
        default=settings.optimiser,
        required=True,
        format_func=_OPTIMISER_NAMES.__getitem__,
        key=f"optimiser-{made}",
    )
    rate = learning_rate("Learning rate", settings.learning_rate(1), f"rate-{made}")
    momentum = 0.0
    if optimiser == "sgd":
        before = settings.momentum if settings.optimiser == "sgd" else 0.9
        momentum = st.slider("Momentum", 0.0, 0.99, before, 0.01, key=f"momentum-{made}")
    seed = int(
        st.number_input(
            "Seed",
            int(SEED.low),
            int(SEED.high),
            settings.seed,
            key=f"seed-{made}",
            help="The same network, data, settings and seed give the same run, number for number.",
        )
    )
    patience = None
    if st.toggle("Stop early", settings.patience is not None, key=f"early-{made}"):
        patience = st.slider(
            "Epochs without a smaller validation loss",
            int(PATIENCE.low),
            int(PATIENCE.high),
            settings.patience or 3,
            key=f"patience-{made}",
        )
    session.settings = Settings(
        (Phase(epochs, rate),), batch, optimiser, round(momentum, 2), seed, patience
    )


def learning_rate(label: str, value: float, key: str) -> float:
    """A slider over learning rates that grow about threefold a step."""
    rates = sorted({*_RATES, value})
    return float(
        st.select_slider(label, rates, value, format_func=lambda rate: f"{rate:g}", key=key)
    )


def train_button(session: Session) -> None:
    """The one button of the app that starts work. Called after the form, whose values it needs."""

    def submit() -> Run:
        data = services.chosen(session.data)
        return services.engine().submit(session.network, session.settings, data, session.token)

    # Not a callback: that would run before a setting typed just now is read.
    if st.button("Train", type="primary", icon=":material/play_arrow:", width="stretch"):
        follow(session, submit)
        st.rerun()


def follow(session: Session, ask: Callable[[], Run]) -> None:
    """Ask the engine for something and look at the run that it gives, or say why not."""
    st.session_state.pop(ERROR, None)
    try:
        session.choose_run(ask().id)
    except (RunError, NetworkError, JobError, DataError) as error:
        st.session_state[ERROR] = str(error)
