"""What is evaluated: a run at an epoch, its answers for the test images, and all numbers about them."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.evaluation.metrics import (
    SMALLEST,
    SMALLEST_OF_SIGMOID,
    Metrics,
    MetricsError,
    metrics,
)
from cnn.training.run import Run
from cnn.ui.inspect.network import chosen_epoch
from cnn.ui.state import services
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session


@dataclass(frozen=True, eq=False)
class EvaluatedRun:
    """A run at an epoch as it was trained, its probabilities (n, classes), and what they come to."""

    run: Run
    epoch: int
    data: ChosenData
    shares: NDArray[np.float32]
    metrics: Metrics

    @property
    def key(self) -> str:
        """Names this network in the keys of widgets."""
        return f"{self.run.id}-{self.epoch}"


def epoch_choice(session: Session, run: Run) -> int:
    """Choose one of the epochs whose weights were kept; there is one at least."""
    epoch = chosen_epoch(session, run)
    if len(run.kept) == 1:
        st.caption(f"After epoch {epoch}, the only one whose weights were kept.")
        return epoch
    slider = widget(f"evaluate-epoch-{run.id}-{len(run.kept)}", epoch)

    def move(chosen: int) -> None:
        session.viewed.epoch = chosen

    st.select_slider(
        "After epoch",
        run.kept,
        epoch,
        key=slider.key,
        on_change=slider.then(move),
        width=420,
        help="The epochs whose weights were kept. Epoch 0 is the network before it learns.",
    )
    return epoch


def seen(run: Run, epoch: int, shares: NDArray[np.float32]) -> EvaluatedRun | MetricsError:
    """Everything together, or why there are no numbers."""
    data = services.chosen(run.job.data)
    found = _metrics(run.id, epoch, shares, data)
    return (
        found if isinstance(found, MetricsError) else EvaluatedRun(run, epoch, data, shares, found)
    )


@st.cache_resource(show_spinner=False, max_entries=32)
def _metrics(
    run_id: str, epoch: int, _shares: NDArray[np.float32], _data: ChosenData
) -> Metrics | MetricsError:
    output = services.run_store().run(run_id).job.network.output
    smallest = SMALLEST if output == "softmax" else SMALLEST_OF_SIGMOID
    try:
        return metrics(_shares, _data.labels[_data.test], smallest)
    except MetricsError as error:
        return error
