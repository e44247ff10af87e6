"""What is evaluated: a run after an epoch, its predictions, and the headline numbers about them."""

from dataclasses import dataclass

import streamlit as st

from cnn.arrays import Array
from cnn.data.split import ChosenData
from cnn.evaluation.metrics import SMALLEST, SMALLEST_OF_SIGMOID, Metrics, MetricsError, metrics
from cnn.evaluation.predictions import Predictions, of_test_images
from cnn.statistics import mean_interval, wilson
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.glossary import definition
from cnn.ui.common.prose import read_sections
from cnn.ui.inspect.view import chosen_epoch
from cnn.ui.state import services
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.cache import cached
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)


@dataclass(frozen=True, eq=False)
class EvaluatedRun:
    """A run after an epoch as it was trained, its data, and the numbers about its predictions."""

    run: Run
    epoch: int
    data: ChosenData
    metrics: Metrics

    @property
    def predictions(self) -> Predictions:
        return self.metrics.predictions

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of its accuracy (Wilson, 1927)."""
        return wilson(self.metrics.accuracy, len(self.predictions))

    @property
    def key(self) -> str:
        """Names this network in the keys of widgets."""
        return f"{self.run.id}-{self.epoch}"


def epoch_choice(session: Session, run: Run) -> int:
    """Choose one of the epochs whose weights were saved; there is one at least."""
    epoch = chosen_epoch(session, run)
    if len(run.kept) == 1:
        _TEXT.caption("epoch/one", epoch=epoch)
        return epoch
    slider = widget(f"evaluate-epoch-{run.id}-{len(run.kept)}", epoch)
    choose = slider.then(lambda chosen: setattr(session.viewed, "epoch", chosen))
    label, key, help = "After epoch", slider.key, _TEXT.text("epoch/several")
    st.select_slider(label, run.kept, epoch, key=key, on_change=choose, width=420, help=help)
    return epoch


def evaluate(run: Run, epoch: int, shares: Array) -> EvaluatedRun | MetricsError:
    """The run with the numbers about its probabilities (n, classes), or why there are none."""
    data = services.chosen(run.job.data)
    found = _metrics(run.id, epoch, shares, data)
    return found if isinstance(found, MetricsError) else EvaluatedRun(run, epoch, data, found)


def headline(seen: EvaluatedRun) -> None:
    """Accuracy, loss and mistakes, each with its interval or the number of test images."""
    images, mistakes = len(seen.predictions), (~seen.predictions.correct).sum()
    loss, least, most = mean_interval(seen.metrics.losses.tolist())
    interval = f"95% interval {formatting.interval(*seen.interval)}"
    losses = f"95% interval {least:.3f} to {most:.3f}" if images > 1 else "one image"
    numbers = {
        "Accuracy": (formatting.percent(seen.metrics.accuracy), interval),
        "Loss": (f"{loss:.3f}", losses),
        "Mistakes": (formatting.thousands(mistakes), f"of {images:,} test images"),
    }
    with st.container(horizontal=True, gap="small"):
        for label, (value, below) in numbers.items():
            help = _TEXT.text_from(label, cross_entropy=definition("cross-entropy"))
            st.metric(label, value, below, "off", delta_arrow="off", help=help, width="content")


@cached(32, key=lambda run_id, epoch, shares, data: (run_id, epoch))
def _metrics(run_id: str, epoch: int, shares: Array, data: ChosenData) -> Metrics | MetricsError:
    output = services.run_store().run(run_id).job.network.output
    smallest = SMALLEST if output == "softmax" else SMALLEST_OF_SIGMOID
    try:
        return metrics(of_test_images(shares, data), smallest)
    except MetricsError as error:
        return error
