"""Small networks that are trained in a lesson: asked for by a button, shown as they get ready."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import streamlit as st

from cnn.data.dataset import DataChoice
from cnn.data.example import EXAMPLE_DATASET
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.job import OptimiserName, Phase, Settings
from cnn.training.trial import VALIDATED, Trial, trial
from cnn.ui.common import charts, formatting
from cnn.ui.common.waiting import when_there
from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA

IMAGES, EPOCHS, BATCH = 1000, 10, 32
"""What a trial has where the lesson sets nothing else."""

TENTH = DataChoice(EXAMPLE_DATASET, train_share=0.1)
"""The choice of data that trains on the same 1,000 images; the fewest that Train takes."""

CONDITIONS = (
    f"Validated on {formatting.thousands(VALIDATED)} of the test images; in brackets the 95\u202f% interval."
    " Thin line: within the epoch. Seconds as measured on this server."
)
"""What is to be said once of all of them."""

_BEGINNING = 1.0
"""Seconds, about, that it takes to build a network before it learns."""

_PRESSED = "learn-trials-pressed"


@dataclass(frozen=True)
class Wanted:
    """A trial as a lesson asks for it; `title` tells it from those beside it."""

    title: str
    settings: Settings
    network: Network = ARTICLE
    images: int = IMAGES

    @property
    def job(self) -> tuple[Network, Settings, int]:
        """What decides its numbers."""
        return self.network, self.settings, self.images

    @property
    def steps(self) -> int:
        """Steps an epoch."""
        return ceil(self.images / self.settings.batch_size)


def settings(
    optimiser: OptimiserName, rate: float, batch: int = BATCH, epochs: int = EPOCHS
) -> Settings:
    """The settings of a trial."""
    return Settings((Phase(epochs, rate),), batch, optimiser)


def train_button(wanted: Sequence[Wanted]) -> None:
    """The button that has them trained, if there are any that nobody on this server has asked for."""
    missing = list({one.job: one for one in wanted if not _is_asked(one)}.values())
    if not missing:
        return
    # The time may get known while the button is shown: in its label it would make another button.
    with st.container(horizontal=True, vertical_alignment="center"):
        count = f"{len(missing)} networks" if len(missing) > 1 else "one network"
        pressed = st.button(f"Train {count}", type="primary", icon=":material/play_arrow:")
        if time := _time(missing):
            st.caption(time)
    if pressed:
        _pressed().update(one.job for one in missing)
        st.rerun()


def when_trained(place: str, wanted: Wanted, show: Callable[[Trial], None]) -> None:
    """Call `show` once it is trained; until then say what it waits for. `place`: see `services.ask`."""
    if _is_asked(wanted):
        answer = services.ask(place, wanted.job, trial, *wanted.job, later=True)
        when_there(answer, "Training", show)
    else:
        st.caption("Not trained yet.")


def trained(wanted: Wanted) -> Trial | None:
    """The trial if it is there already."""
    answer = services.asked(wanted.job, trial)
    there = answer is not None and answer.done() and not answer.cancelled()
    return answer.result() if there and answer is not None and not answer.exception() else None


def side_by_side(place: str, wanted: Sequence[Wanted], columns: int, top: float) -> None:
    """Their losses in charts with one axis from 0 to `top`, as each gets ready."""
    for first in range(0, len(wanted), columns):
        row = st.columns(columns)
        for number, one in enumerate(wanted[first : first + columns], start=first):
            with row[number - first]:
                st.markdown(f"**{one.title}**")
                when_trained(f"{place}-{number}", one, partial(_show, one, top))


def _show(wanted: Wanted, top: float, found: Trial) -> None:
    chart = charts.history(
        charts.history_table(found), "loss", wanted.settings.epochs, marked=None, top=top
    )
    told = _told(wanted, found, top)
    # One below the other: there is no room for both names side by side.
    st.altair_chart(chart.configure_legend(columns=1), alt=f"{wanted.title}. {told}")
    st.caption(told)
    if found.outcome.ending == "diverged":
        st.error(found.outcome.message, icon=":material/trending_up:")


def _told(wanted: Wanted, found: Trial, top: float) -> str:
    """What came of it, in numbers."""
    first, last = found.epochs[0], found.epochs[-1]
    highest = max(max(end.loss, end.validation_loss) for end in found.epochs)
    beyond = f" At its highest it was {highest:.1f}, above the picture." if highest > top else ""
    return (
        f"Training loss from {first.loss:.2f} to {last.loss:.2f}, validation loss"
        f" {last.validation_loss:.2f}.{beyond}"
        f" {formatting.accuracy(last.validation_accuracy, VALIDATED)} right."
        f" {wanted.steps} {'step' if wanted.steps == 1 else 'steps'} an epoch,"
        f" {found.seconds:.1f} s in all."
    )


def _is_asked(wanted: Wanted) -> bool:
    answer = services.asked(wanted.job, trial)
    return wanted.job in _pressed() or (answer is not None and not answer.cancelled())


def _pressed() -> set[tuple[Network, Settings, int]]:
    """The trials that this visitor has asked for."""
    found: set[tuple[Network, Settings, int]] = st.session_state.setdefault(_PRESSED, set())
    return found


def _time(missing: Sequence[Wanted]) -> str:
    """How long they take together, roughly, where this server's pace is known."""
    data = services.chosen(DEFAULT_DATA)
    total = 0.0
    for one in missing:
        unrolled = plan(one.network, data.image_shape, len(data.classes))
        epoch = services.seconds_per_epoch(unrolled, one.images, one.settings.batch_size)
        if epoch is None:
            return ""
        total += epoch * one.settings.epochs + _BEGINNING
    return f"{formatting.seconds(total).capitalize()} on this server, once it is their turn."
