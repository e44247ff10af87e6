"""What runs on a worker, and in the scheduler: the bridge between a training and Dask.

Keras is imported inside the functions, for the web process imports this module to name them.
"""

import logging
import os
import pickle
import signal
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from distributed import Nanny, Scheduler, SchedulerPlugin, Worker, WorkerPlugin, get_worker

from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.events import Checkpoint, Command, EpochEnd, Outcome, Point, TrainingData
from cnn.training.job import Phase, Settings
from cnn.training.run import RunError
from cnn.training.speed import reference_seconds

_PACE_IMAGES = 2000

_commands: dict[str, Command] = {}
_training = threading.Lock()
"""Held during a run, whose end clears Keras's state of the whole process."""


@dataclass(frozen=True, eq=False)
class Order:
    """All that a worker needs to know to train."""

    network: Network
    settings: Settings
    data: TrainingData
    start: Checkpoint | None


def work(topic: str, run_id: str, order: Order) -> None:
    """Train, and publish every event and at last the `Outcome` on `topic`."""
    worker = get_worker()

    def report(event: Point | EpochEnd | Outcome) -> None:
        worker.log_event(topic, (run_id, pickle.dumps(event)))

    def command() -> Command:
        return _commands.get(run_id, "go")

    try:
        from cnn.training.worker.task import train

        with _training:
            outcome = train(order.network, order.settings, order.data, order.start, report, command)
        report(outcome)
    except Exception as error:
        logging.getLogger(__name__).exception("Run %s failed", run_id)
        report(Outcome("failed", _sentence(error)))
    finally:
        _commands.pop(run_id, None)


def measured_pace() -> float:
    """How many times as long as the reference an epoch of the article's network takes here.

    Raises:
        RunError: A network is being trained here.
    """
    from cnn.training.worker.task import train

    random = np.random.default_rng(0)
    images = random.integers(0, 256, (_PACE_IMAGES, 28, 28, 1), dtype=np.uint8)
    labels = random.integers(0, 10, _PACE_IMAGES)
    data = TrainingData(images, labels, images[:500], labels[:500], classes=10)
    settings = Settings((Phase(epochs=2),))
    seconds: list[float] = []

    def report(event: Point | EpochEnd) -> None:
        if isinstance(event, EpochEnd):
            seconds.append(event.seconds)

    if not _training.acquire(blocking=False):
        # Waiting would hold up all other calls for as long as the training takes.
        raise RunError("The worker trains already; its run tells the pace.")
    try:
        train(ARTICLE, settings, data, None, report, lambda: "go")
    finally:
        _training.release()
    unrolled = plan(ARTICLE, (28, 28, 1), 10)
    return seconds[-1] / reference_seconds(unrolled, _PACE_IMAGES, settings.batch_size)


def tell(run_id: str, command: Command) -> None:
    """Leave a command where the training will look for it; runs beside it, on the event loop."""
    _commands[run_id] = command


def kill_worker(dask_worker: Nanny) -> None:
    """Kill the worker of this nanny; runs in the nanny, so a worker that hangs is no obstacle."""
    # Windows has no SIGKILL; there SIGTERM is as final.
    os.kill(dask_worker.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


class WarmUp(WorkerPlugin):
    """Imports Keras in every worker as soon as it starts, which takes seconds, not when needed."""

    name = "cnn-warm-up"

    def setup(self, worker: Worker) -> None:
        """Called by Dask in each worker, also in one that replaces another."""
        threading.Thread(target=_import_task, name="warm-up", daemon=True).start()


class Forget(SchedulerPlugin):
    """Drops the events of a topic once they are sent: the scheduler would keep a thousand epochs."""

    def __init__(self, topic: str) -> None:
        self.name = f"cnn-forget-{topic}"
        self._topic = topic

    async def start(self, scheduler: Scheduler) -> None:
        """Called by Dask in the scheduler."""
        self._broker = scheduler._broker

    def log_event(self, topic: str, _message: Any) -> None:
        """Called by Dask after each event."""
        if topic == self._topic:
            self._broker.truncate(topic)


def _import_task() -> None:
    try:
        import cnn.training.worker.task  # noqa: F401
    except Exception:
        logging.getLogger(__name__).exception("The training code cannot be imported")


def _sentence(error: Exception) -> str:
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return (
            "The worker has not enough memory for this run. Use a smaller network or fewer images."
        )
    return (
        f"The training broke off by a fault of the program ({type(error).__name__}: {error!s:.200})."
        " Its whole epochs are kept; the server's log has the details."
    )
