"""The form of the Train page: how the next training is to go, and the button that starts it."""

import streamlit as st

from cnn.training.job import (
    BATCH_SIZE,
    EPOCHS,
    OPTIMISERS,
    PATIENCE,
    SEED,
    OptimiserName,
    Phase,
    Settings,
)
from cnn.training.run import Run
from cnn.ui.common.live_run import follow, learning_rate
from cnn.ui.state import services
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session

_OPTIMISER_NAMES = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}


def settings_form(session: Session) -> None:
    """The settings of the next training; `session.settings` is what it shows and changes."""
    settings = session.settings

    def key(name: str, value: object) -> str:
        return widget(f"next-{name}", value).key

    epochs = int(
        st.number_input(
            "Epochs",
            int(EPOCHS.low),
            int(EPOCHS.high),
            settings.epochs,
            key=key("epochs", settings.epochs),
        )
    )
    batch = int(
        st.number_input(
            "Batch size",
            int(BATCH_SIZE.low),
            int(BATCH_SIZE.high),
            settings.batch_size,
            step=8,
            key=key("batch", settings.batch_size),
            help="Images between two changes of the weights.",
        )
    )
    optimiser: OptimiserName = st.segmented_control(
        "Optimizer",
        OPTIMISERS,
        default=settings.optimiser,
        required=True,
        format_func=_OPTIMISER_NAMES.__getitem__,
        key=key("optimizer", settings.optimiser),
    )
    present = settings.learning_rate(1)
    rate = learning_rate("Learning rate", present, key("rate", present))
    momentum = 0.0
    if optimiser == "sgd":
        before = settings.momentum if settings.optimiser == "sgd" else 0.9
        momentum = st.slider("Momentum", 0.0, 0.99, before, 0.01, key=key("momentum", before))
    seed = int(
        st.number_input(
            "Seed",
            int(SEED.low),
            int(SEED.high),
            settings.seed,
            key=key("seed", settings.seed),
            help="The same network, data, settings and seed give the same run, number for number.",
        )
    )
    patience = None
    early = settings.patience is not None
    if st.toggle("Stop early", early, key=key("early", early)):
        patience = st.slider(
            "Epochs without a smaller validation loss",
            int(PATIENCE.low),
            int(PATIENCE.high),
            settings.patience or 3,
            key=key("patience", settings.patience or 3),
        )
    session.settings = Settings(
        (Phase(epochs, rate),), batch, optimiser, round(momentum, 2), seed, patience
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
