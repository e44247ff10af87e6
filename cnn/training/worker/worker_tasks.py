"""What Dask runs on a worker: the bridge between the scheduler's side and a training or a question.

Keras is imported inside the functions, because the web process imports this module to name them.
"""

import logging
import os
import pickle
import signal
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from distributed import Nanny, Worker, WorkerPlugin, get_worker

from cnn.data.split import TrainingData
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.events import Checkpoint, Command, EpochEnd, Outcome, Point
from cnn.training.job import Phase, Settings
from cnn.training.run import RunError
from cnn.training.scheduling.limits import reference_seconds
from cnn.training.trial import trial

TRAIN = "train"
"""The Dask resource that a training takes: every worker has one, so it trains one run at a time."""

_MEASURED_IMAGES = 4000
"""As usual, a trial is validated on a quarter as many."""

_commands: dict[str, Command] = {}
"""What the trainings here are to do, by their key."""
_training = threading.Lock()
"""Held during a training, whose end clears Keras's state of the whole process."""


class TrainingRequest(NamedTuple):
    """All that a worker needs to train a run."""

    network: Network
    settings: Settings
    data: TrainingData
    start: Checkpoint | None


def run_training(topic: str, key: str, request: TrainingRequest) -> None:
    """Train, and publish on `topic` every event and finally the `Outcome`, as (key, pickled event).

    `key` names the training, also in `set_command`.
    """
    worker = get_worker()
    _commands.setdefault(key, "go")

    def report(event: Point | EpochEnd | Outcome) -> None:
        worker.log_event(topic, (key, pickle.dumps(event)))

    def command() -> Command:
        return _commands[key]

    try:
        from cnn.training.worker.task import train

        with _training:
            outcome = train(*request, report, command)
        report(outcome)
    except Exception as error:
        logging.getLogger(__name__).exception("The training %s failed", key)
        report(Outcome("failed", _failure(error)))
    finally:
        del _commands[key]


def answer(topic: str, key: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Publish (key, this worker's address) on `topic` as the function begins; return what it returns."""
    worker = get_worker()
    worker.log_event(topic, (key, worker.address))
    return function(*arguments)


def measured_speed() -> float:
    """Return how many times as long as the reference an epoch of the article's network takes here.

    Raises RunError while the worker is training a network.
    """
    settings = Settings((Phase(epochs=2),))
    if not _training.acquire(blocking=False):
        raise RunError("The worker is training a run, whose epochs will show its speed.")
    try:
        measured = trial(ARTICLE, settings, _MEASURED_IMAGES)
    finally:
        _training.release()
    unrolled = plan(ARTICLE, (28, 28, 1), 10)
    reference = reference_seconds(unrolled, _MEASURED_IMAGES, settings.batch_size)
    return measured.epochs[-1].seconds / reference


def set_command(key: str, command: Command) -> None:
    """Leave a command where the training will look for it; runs next to it, on the event loop."""
    _commands[key] = command


def stop_trainings() -> None:
    """Stop whatever this worker trains."""
    for key in list(_commands):
        _commands[key] = "stop"


def kill_worker(dask_worker: Nanny) -> None:
    """Kill the worker of this nanny; runs in the nanny, so a worker that hangs is no obstacle."""
    # Windows has no SIGKILL; there SIGTERM is as final.
    os.kill(dask_worker.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


class PrepareWorker(WorkerPlugin):
    """Gives every worker its training resource, and imports Keras before it is needed."""

    name = "cnn-prepare-worker"

    async def setup(self, worker: Worker) -> None:
        """Called by Dask in each worker, also in one that replaces another."""
        keras = threading.Thread(
            target=import_module,
            args=("cnn.training.worker.task",),
            name="import-keras",
            daemon=True,
        )
        keras.start()
        await worker.set_resources(**{TRAIN: 1})


def _failure(error: Exception) -> str:
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "The worker ran out of memory. Use a smaller network or fewer images."
    return (
        f"The training failed because of an error in the app ({type(error).__name__}:"
        f" {error!s:.200}). Finished epochs are kept. The server's log has the details."
    )
