"""The scheduler's one thread: gives free workers the next runs and records what they report."""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from cnn.data.split import training_data
from cnn.training.events import Outcome
from cnn.training.scheduling import limits
from cnn.training.scheduling.trainings import Trainings
from cnn.training.scheduling.workers import WorkerPool
from cnn.training.worker.worker_tasks import TrainingRequest, measured_speed

RUNS_PER_WORKER = 50
"""Runs after which a fresh worker replaces a worker: each run leaves some ten megabytes behind."""

LONGEST_WITHOUT_WORKERS = 90.0
"""Seconds that runs wait for a worker to come back before the cluster is started anew."""

_TICK = 0.25
_CHECK_WORKERS = 1.0
"""Seconds between two counts of the workers; those of a cluster come and go."""

_log = logging.getLogger(__name__)


class Dispatcher:
    """Sees to it that every run in the queue is trained, and ends. `clock` counts seconds."""

    def __init__(
        self, trainings: Trainings, pool: WorkerPool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._trainings = trainings
        self._pool = pool
        self._clock = clock
        self._checked = clock()
        self._without_workers_since: float | None = None
        self._begun: Counter[str] = Counter()
        self._takes_over = False
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Start the workers and the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Make the thread look at the queue now."""
        self._pool.events.put(None)

    def take_over(self) -> None:
        """Be the one who brings runs to the workers, in the place of a process that has ended."""
        self._takes_over = True

    def close(self) -> None:
        """End the thread and the workers."""
        self._closed.set()
        self.wake()
        self._thread.join()
        self._pool.close()

    def step(self, timeout: float = 0.0) -> None:
        """Record all events, the first within `timeout` seconds; then do all that is due."""
        with suppress(queue.Empty):
            event = self._pool.events.get(timeout=timeout)
            while True:
                if event is not None:
                    self._trainings.record(*event)
                event = self._pool.events.get_nowait()
        self._pool.submit_backlog()
        self._check_workers()
        for key, worker in self._trainings.enforce_limits().items():
            self._pool.restart(worker)
            self._pool.forget(key)
            self._trainings.record(key, None)
        self._trainings.report_background()
        self._begin_runs()
        if self._pool.idle_seconds > limits.LONGEST_IDLE:
            self._pool.release()

    def _work(self) -> None:
        self._pool.call(measured_speed).add_done_callback(self._note_speed)
        while not self._closed.is_set():
            try:
                self.step(_TICK)
            except Exception:
                _log.exception("The dispatcher met a fault and continues")

    def _note_speed(self, measured: Future[float]) -> None:
        if not measured.cancelled() and measured.exception() is None:
            self._trainings.note_speed(measured.result())

    def _check_workers(self) -> None:
        """Count the workers, and have the runs continued whose worker has gone unnoticed."""
        training = self._trainings.workers()
        due = self._clock() - self._checked > _CHECK_WORKERS
        if not due or not (training or self._pool.connected):
            return
        self._checked = self._clock()
        try:
            present = self._present()
        except OSError:
            _log.exception("The workers do not answer")
            present = []
        for key, worker in training.items():
            if worker not in present:
                self._pool.forget(key)
                self._trainings.record(key, None)

    def _begin_runs(self) -> None:
        while self._trainings.wants_worker():
            try:
                worker = self._free_worker()
            except TimeoutError:  # a scheduler that hangs is replaced, and asked again
                raise
            except Exception as error:
                self._trainings.end_waiting("failed", _not_started(error))
                raise
            if worker is None:
                self._trainings.preempt()
                return
            active = self._trainings.begin_next(worker)
            if active is None:
                return
            self._begun[worker] += 1
            try:
                job, data = active.run.job, training_data(active.chosen)
                request = TrainingRequest(job.network, job.settings, data, active.start)
                self._pool.start(active.key, worker, request)
            except OSError:  # the worker hangs, or has just died: another one takes the run
                self._pool.restart(worker)
                self._trainings.record(active.key, None)
            except Exception as error:
                _log.exception("The run %s could not be started", active.run.id)
                self._trainings.record(active.key, Outcome("failed", _not_started(error)))

    def _free_worker(self) -> str | None:
        """Return a worker without a run; one that has had its number of runs is replaced first."""
        if self._takes_over:
            self._pool.stop_trainings()
            self._takes_over = False
        workers = self._present()
        busy = set(self._trainings.workers().values())
        for worker in [one for one in workers if one not in busy]:
            if self._begun[worker] < RUNS_PER_WORKER:
                return worker
            del self._begun[worker]
            self._pool.restart(worker)
        return None

    def _present(self) -> list[str]:
        """Return the workers; the cluster is started anew where none has come for long."""
        workers, now = self._pool.workers(), self._clock()
        if workers:
            self._without_workers_since = None
        elif self._without_workers_since is None:
            self._without_workers_since = now
        elif now - self._without_workers_since > LONGEST_WITHOUT_WORKERS:
            _log.error("No worker has come for %.0f seconds", LONGEST_WITHOUT_WORKERS)
            self._without_workers_since = None
            self._pool.restart_cluster()
        return workers


def _not_started(error: Exception) -> str:
    return f"No worker could be started for this run ({error}). Try again in a minute."
