"""What all sessions share: the stores, the engine, and what is worth keeping in memory."""

import math
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from cnn.arrays import Array, Pixels
from cnn.challenges.standings import Standings
from cnn.data.split import ChosenData, DataChoice, choose
from cnn.data.store import DatasetStore
from cnn.inspection.edits import Edits, edited
from cnn.inspection.forward import probabilities
from cnn.network.plan import Plan, plan
from cnn.server_limits import LIMITS
from cnn.storage import make_folder, write_file
from cnn.training.experiments.runner import ExperimentRunner
from cnn.training.experiments.store import ExperimentStore
from cnn.training.run import Run
from cnn.training.run_library import RunLibraries
from cnn.training.scheduling.engine import Engine
from cnn.training.scheduling.limits import reference_seconds
from cnn.training.store import RunStore
from cnn.ui.state.cache import cached
from cnn.workshop.monitor import Monitor
from cnn.workshop.store import WorkshopStore

HOME_VARIABLE = "CNN_PLAYGROUND_HOME"
EXAMPLE_RUN = "article"
"""The run of the article's network that comes with the app."""

HEAVY = 2e9
"""Multiply-accumulates that would hold up the page; more than these go to a worker."""

_AGAIN_AFTER = 20.0
"""Seconds after which what failed may be asked again."""

_TRIED_AGAIN_AFTER = 30.0
"""Seconds after which the home folder is tried again."""

_ASKED = "asked"

Key = tuple[object, ...]
"""What names the arguments of something that is computed once."""

_asking = threading.Lock()


def home() -> Path:
    """The folder for runs and data sets: named by CNN_PLAYGROUND_HOME, or beside app.py."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named) if named else Path(__file__).parents[3] / ".cnn-playground"


@st.cache_data(show_spinner=False, ttl=_TRIED_AGAIN_AFTER)
def write_problem() -> str:
    """Why nothing can be kept in the home folder at present, in the system's words; "" if it can.

    The folder is created if needed, and made this user's alone.
    """
    try:
        make_folder(home())
        home().chmod(0o700)
        write_file(home() / ".writable", b"")
    except OSError as error:
        return error.strerror or str(error)
    return ""


@cached(1)
def data_store() -> DatasetStore:
    return DatasetStore(home() / "datasets")


@cached(1)
def run_store() -> RunStore:
    """The runs of this server and the example run."""
    return RunStore(home() / "runs")


@cached(1)
def engine() -> Engine:
    """The engine that trains; made once, its workers start in the background."""
    return Engine(run_store(), LIMITS.workers, images=chosen)


@cached(1)
def experiments() -> ExperimentStore:
    """The experiments of this server and the example."""
    return ExperimentStore(home() / "experiments")


@cached(1)
def experiment_runner() -> ExperimentRunner:
    return ExperimentRunner(engine(), experiments(), chosen)


@cached(1)
def libraries() -> RunLibraries:
    """For each browser the runs that it has started or viewed: one library for all its tabs."""
    return RunLibraries(home() / "shelves")


@cached(1)
def workshops() -> WorkshopStore:
    """The workshops of this server, which are looked after from now on."""
    store = WorkshopStore(home() / "workshops.sqlite")
    Monitor(store, engine()).start()
    return store


@cached(1)
def standings() -> Standings:
    """Where everyone stands in the challenges."""
    return Standings(home() / "challenges")


@cached(32)
def chosen(data: DataChoice) -> ChosenData:
    """The images of a choice. Raises DataError with a sentence if there are none."""
    return choose(data_store().get(data.dataset), data)


def run_plan(run: Run) -> Plan:
    """The plan of a run's network for the images it was trained on."""
    data = chosen(run.job.data)
    return plan(run.job.network, data.image_shape, len(data.classes))


def image_number(wanted: int | None, data: ChosenData) -> int:
    """The number of the image to show: `wanted` if these data use it, else the first test image."""
    if wanted is not None and wanted < len(data.labels) and data.labels[wanted] >= 0:
        return wanted
    return int(data.test[0])


@cached(64)
def weights(run_id: str, epoch: int) -> Array:
    """A run's weights after an epoch, flat. Raises RunError with a sentence if they were not kept."""
    return run_store().weights(run_id, epoch)


@cached(64, key=lambda run, epoch, edits: (run.id, epoch, edits))
def edited_weights(run: Run, epoch: int, edits: Edits) -> Array:
    """A run's weights after an epoch with changes made by hand, flat."""
    trained = weights(run.id, epoch)
    return edited(run_plan(run), trained, edits) if edits else trained


@dataclass(eq=False)
class _Question:
    """What is asked of a worker: the answer to come, how many wait for it, and when it failed."""

    answer: Future[Any] | None = None
    askers: int = 0
    failed_at: float = math.inf

    def ended(self, answer: Future[Any]) -> None:
        """Note the time if the answer is an error."""
        if not answer.cancelled() and answer.exception() is not None:
            self.failed_at = time.monotonic()


@cached(128)
def _question(key: Key) -> _Question:
    """What `key` names, shared by everybody who asks the same."""
    return _Question()


def asked(key: Key, function: Callable[..., Any]) -> Future[Any] | None:
    """The answer to what somebody has asked already, see `ask`; None if nobody has."""
    return _question((function.__name__, *key)).answer


def ask(
    place: str, key: Key, function: Callable[..., Any], *arguments: Any, later: bool = False
) -> Future[Any]:
    """What a worker answers to `function(*arguments)`; asked once for all that give the same key.

    `key` must name the arguments wholly. `place` names the part of the page that asks, which waits
    for one answer at a time: what it asked before is withdrawn, unless somebody else waits for it.
    What failed is asked again, but not at once: else a page that shows the answer when it is there
    would ask for ever. What takes seconds is asked for `later`, after all that others wait for.
    """
    question = _question((function.__name__, *key))
    asked: dict[str, _Question] = st.session_state.setdefault(_ASKED, {})
    with _asking:
        before = asked.get(place)
        if before is not question:
            asked[place] = question
            question.askers += 1
            if before is not None:
                before.askers -= 1
                if not before.askers and before.answer is not None:
                    before.answer.cancel()  # it is still answered if a worker is at it
        answer = question.answer
        try_again = time.monotonic() > question.failed_at + _AGAIN_AFTER
        if answer is None or answer.cancelled() or try_again:
            question.failed_at = math.inf
            question.answer = answer = engine().call(function, *arguments, later=later)
            answer.add_done_callback(question.ended)
        return answer


def compute_or_ask(
    place: str, key: Key, cost: float, function: Callable[..., Any], *arguments: Any
) -> Future[Any]:
    """As `ask`, but what costs fewer multiply-accumulates than `HEAVY` is computed here, once."""
    if cost >= HEAVY:
        return ask(place, key, function, *arguments)
    answer: Future[Any] = Future()
    answer.set_result(_computed((function.__name__, *key), function, arguments))
    return answer


@cached(64, key=lambda key, function, arguments: key)
def _computed(key: Key, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return function(*arguments)


def test_answers(place: str, run: Run, epoch: int, edits: Edits) -> Future[Array]:
    """The probabilities (n, classes) that a network with edits gives for all n test images.

    Small networks as they were trained answer at once, for others `place` asks a worker, see `ask`.
    """
    key, network, vector, images = test_inputs(run, epoch, edits)
    cost = math.inf if edits else network.multiply_accumulates * len(images)
    with st.spinner("Reading the test images with this network …"):
        return compute_or_ask(place, key, cost, probabilities, network, vector, images)


def answers_now(run: Run, epoch: int) -> Array:
    """As `test_answers` of a network as it was trained, waited for: never in the run of a page."""
    key, network, vector, images = test_inputs(run, epoch, Edits())
    if network.multiply_accumulates * len(images) < HEAVY:
        return _computed((probabilities.__name__, *key), probabilities, (network, vector, images))
    return engine().call(probabilities, network, vector, images).result()


def test_inputs(run: Run, epoch: int, edits: Edits) -> tuple[Key, Plan, Array, Pixels]:
    """What goes through a network for the test images: plan, weights and images; first, a key of them."""
    data = chosen(run.job.data)
    key = (run.id, epoch, edits, "test images")
    images = data.dataset.images[data.test]
    return key, run_plan(run), edited_weights(run, epoch, edits), images


def seconds_per_epoch(unrolled: Plan, images: int, batch_size: int) -> float | None:
    """Seconds that an epoch takes on this machine; None until its speed has been measured."""
    factor = engine().speed_factor
    return None if factor is None else factor * reference_seconds(unrolled, images, batch_size)
