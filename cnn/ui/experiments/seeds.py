"""The same training with five seeds, from any run by one click: is its accuracy luck?"""

import streamlit as st

from cnn.training.experiments.experiment import Experiment
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.page import EXPERIMENTS, errors_told
from cnn.ui.experiments import form
from cnn.ui.state.session import Session

SEEDS = 5


def train_with_seeds(session: Session, run: Run) -> None:
    """The button that has the run's job trained with five seeds, and leads to the experiment."""
    pressed = st.button(
        f"Train with {SEEDS} seeds",
        icon=":material/casino:",
        type="tertiary",
        key=f"seeds-{run.id}",
        help="The same network, data and settings, from the beginning and from five different"
        " starts: how much of the accuracy is luck?",
    )
    if not pressed:
        return
    with errors_told():
        experiment = Experiment(run.job, (), form.seeds(run.job, SEEDS))
        form.start(
            session, f"{formatting.network_name(run.job.network)}; {SEEDS} seeds", experiment
        )
        st.switch_page(EXPERIMENTS)
