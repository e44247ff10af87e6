"""The engine's own thread: gives waiting runs to free workers and keeps what they report."""

import logging
import queue
import threading
import time
from collections import Counter, deque
from concurrent.futures import Future
from statistics import median

from cnn.data.dataset import training_arrays
from cnn.training.events import Command, EpochEnd, Outcome, Point, TrainingData
from cnn.training.run import Run, RunError, Status, with_point
from cnn.training.scheduling.active_run import ActiveRun
from cnn.training.scheduling.background import Background
from cnn.training.scheduling.queue import RunQueue
from cnn.training.scheduling.workers import Event, WorkerPool
from cnn.training.store import RunStore
from cnn.training.worker import worker_tasks
from cnn.training.worker.worker_tasks import Order

LONGEST_PAUSE = 120.0
"""Seconds a run may be paused while others wait for its worker."""

RUNS_PER_WORKER = 50
"""Runs after which a worker is replaced by a fresh one: each leaves some ten megabytes behind."""

LONGEST_WITHOUT_WORKERS = 90.0
"""Seconds that runs wait for a worker to come back before the cluster is started anew."""

_TICK = 0.25
_LOOK = 2.0
"""Seconds between two looks at how many workers there are; those of a cluster come and go."""

_PACES = 99
_log = logging.getLogger(__name__)


class Dispatcher:
    """Sees to it that every run on the roll is trained, and ends."""

    def __init__(
        self, roll: RunQueue, store: RunStore, workers: int, scheduler: str | None
    ) -> None:
        self._roll = roll
        self._store = store
        self.background = Background(roll, store)
        self._inbox: queue.SimpleQueue[tuple[str, Event] | None] = queue.SimpleQueue()
        self._trained: Counter[str] = Counter()
        self._closed = threading.Event()
        self._paces: deque[float] = deque(maxlen=_PACES)
        self._without_since: float | None = None
        self.workforce = WorkerPool(
            workers, scheduler, lambda run_id, event: self._inbox.put((run_id, event))
        )
        self._thread = threading.Thread(target=self._work, name="foreman", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look at the queue now."""
        self._inbox.put(None)

    def command(self, live: ActiveRun, command: Command, status: Status, message: str) -> None:
        """Give a run that has a worker a command, and show the run like this from now on."""
        assert live.worker is not None
        live.order(command, status, message)
        self.workforce.tell(live.run.id, live.worker, command)

    def stop(self, live: ActiveRun, reason: str = "") -> None:
        """Ask the worker of a run to stop; `reason` is the message to end with."""
        live.reason = reason
        status: Status = "starting" if live.run.status == "starting" else "training"
        self.command(live, "stop", status, "Stopping; the epochs it has finished are kept.")

    def close(self) -> None:
        """End the thread and the workers."""
        self._closed.set()
        self.wake()
        self._thread.join()
        self.workforce.close()

    def _work(self) -> None:
        try:
            self.workforce.workers()
        except Exception as error:
            _log.error("The workers cannot be started yet: %s", error)
        self.workforce.call(worker_tasks.measured_pace).add_done_callback(self._set_pace)
        looked = time.monotonic()
        while not self._closed.is_set():
            try:
                message = self._inbox.get(timeout=_TICK)
            except queue.Empty:
                message = None
            try:
                if message is not None:
                    self._hear(*message)
                if time.monotonic() - looked > _LOOK:
                    looked = time.monotonic()
                    self.workforce.look()
                self._enforce()
                self.background.settle()
                self._dispatch()
                self._dispatch_background()
            except Exception:
                _log.exception("The engine met a fault and goes on")

    def _set_pace(self, measured: Future[float]) -> None:
        if measured.exception() is None and self._roll.pace is None:
            self._paces.append(measured.result())
            self._roll.pace = self._paces[0]

    def _hear(self, run_id: str, event: Event) -> None:
        with self._roll.lock:
            live = self._roll.find(run_id)
            if live is None:
                return
            if live.run.status == "starting":
                live.show("training", live.run.message if live.command == "stop" else "")
            match event:
                case Point():
                    live.run = with_point(live.run, event)
                case EpochEnd():
                    self._keep(live, event)
                case Outcome(ending, message):
                    self._roll.end(live, ending, message)
                case None:
                    self._roll.end(live, "interrupted", _lost(live.run))

    def _keep(self, live: ActiveRun, end: EpochEnd) -> None:
        try:
            live.run = self._store.save_epoch(live.run, end, last_only=live.background)
        except RunError as error:
            self.stop(live, f"{error} It was stopped; the epochs saved before are kept.")
            return
        if end.epoch > 0:
            self._paces.append(end.seconds / live.epoch_seconds)
            self._roll.pace = median(self._paces)

    def _enforce(self) -> None:
        with self._roll.lock:
            training = self._roll.training()
            others_wait = bool(self._roll.waiting())
            for live in training:
                if live.command == "pause" and others_wait and live.commanded_for > LONGEST_PAUSE:
                    self.stop(live, "Stopped: it was paused for long while others waited.")
                elif live.command == "go" and live.left and not live.followers():
                    self.stop(live, "Stopped: nobody followed it any more.")
        for live in training:
            if live.ignores_stop:
                assert live.worker is not None
                self.workforce.restart(live.worker)
                self._roll.end(live, "stopped", "Stopped by force; its whole epochs are kept.")
        if training:
            present = self.workforce.workers()
            for live in training:
                if live.worker not in present:
                    self.workforce.abandon(live.run.id)
                    self._roll.end(live, "interrupted", _lost(live.run))

    def _see_to_workers(self, any_there: bool) -> None:
        """Start the cluster anew when runs have waited long and no worker has come."""
        now = time.monotonic()
        if any_there:
            self._without_since = None
        elif self._without_since is None:
            self._without_since = now
        elif now - self._without_since > LONGEST_WITHOUT_WORKERS:
            _log.error("No worker has come for %.0f seconds", LONGEST_WITHOUT_WORKERS)
            self._without_since = None
            self.workforce.renew()

    def _dispatch(self) -> None:
        while (live := self._roll.next()) is not None:
            try:
                worker = self._free_worker()
                if worker is None:
                    self._make_way()
                    return
                if self._roll.begin(live, worker):
                    self._start(live, worker)
            except Exception as error:
                self._not_started(live, error)

    def _dispatch_background(self) -> None:
        while self.background.waits and (worker := self._free_worker()) is not None:
            live = self.background.take(worker)
            if live is None:
                return
            try:
                self._start(live, worker)
            except Exception as error:
                self._not_started(live, error)

    def _free_worker(self) -> str | None:
        """A worker without a run; one that has had its number of runs is replaced first."""
        busy = {other.worker for other in self._roll.training()}
        workers = self.workforce.workers()
        self._see_to_workers(bool(workers))
        for worker in workers:
            if worker in busy:
                continue
            if self._trained[worker] < RUNS_PER_WORKER:
                return worker
            del self._trained[worker]
            self.workforce.restart(worker)
        return None

    def _make_way(self) -> None:
        """Stop a background run for the person's that waits, one at a time; it goes on later."""
        with self._roll.lock:
            background = [live for live in self._roll.training() if live.background]
            if background and all(live.command == "go" for live in background):
                live = min(background, key=lambda one: one.run.last_epoch)
                self.background.make_way(live.run.id)
                self.stop(live, "It made way for a run that somebody waits for, and goes on later.")

    def _start(self, live: ActiveRun, worker: str) -> None:
        self._trained[worker] += 1
        self.workforce.start(live.run.id, worker, _order(live))

    def _not_started(self, live: ActiveRun, error: Exception) -> None:
        _log.error("The run %s cannot be started: %s", live.run.id, error)
        self._roll.end(live, "failed", _no_worker(error))


def _order(live: ActiveRun) -> Order:
    data = TrainingData(*training_arrays(live.chosen), classes=len(live.chosen.classes))
    return Order(live.run.job.network, live.run.job.settings, data, live.start)


def _lost(run: Run) -> str:
    kept = f"its epochs up to {run.last_epoch} are kept" if run.epochs else "no epoch was finished"
    return (
        f"The worker that trained this run went away, perhaps for want of memory; {kept}. Continue"
        " it, or try a smaller network or fewer images."
    )


def _no_worker(error: Exception) -> str:
    return f"No worker could be started for this run ({error}). Try again in a minute."
