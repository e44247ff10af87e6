"""The engine: who trains what when. Many pages ask it at once; a thread of its own does the work."""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from cnn.data.dataset import ChosenData, training_arrays
from cnn.network.spec import Network
from cnn.training.events import Ending, EpochEnd, Outcome, Point, TrainingData
from cnn.training.job import Job, Phase, Settings
from cnn.training.limits import work_per_epoch
from cnn.training.live import LiveRun
from cnn.training.remote import Order
from cnn.training.run import (
    Parent,
    Run,
    RunError,
    Status,
    continued,
    with_point,
    without_unfinished_epoch,
)
from cnn.training.store import RunStore
from cnn.training.workforce import Event, Workforce

SCHEDULER_VARIABLE = "CNN_PLAYGROUND_SCHEDULER"
"""The environment variable with the address of a Dask scheduler to use instead of own workers."""

LONGEST_QUEUE = 60
LONGEST_PAUSE = 120.0
"""Seconds a run may be paused while others wait for its worker."""

FIRST_PACE = 1.5e-9
"""Seconds of training per multiplication, until a run has been measured."""

_TICK = 0.25
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """A place in the queue, from 1, and the seconds to wait there, roughly."""

    position: int
    seconds: float


class Engine:
    """Queues, starts, follows and stops runs. All methods may be called from any thread.

    A session is any text that stands for one visitor. The workers are started in the background at
    once: `workers` processes on this machine, or those of the Dask cluster whose scheduler is at
    `scheduler` (or at the address in the environment). Each worker trains one run at a time.
    """

    def __init__(self, store: RunStore, workers: int = 1, scheduler: str | None = None) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._live: dict[str, LiveRun] = {}
        self._unsaved: dict[str, Run] = {}
        self._waiting: list[str] = []
        self._pace = FIRST_PACE
        self._inbox: queue.SimpleQueue[tuple[str, Event] | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._workforce = Workforce(
            workers,
            scheduler or os.environ.get(SCHEDULER_VARIABLE),
            lambda run_id, event: self._inbox.put((run_id, event)),
        )
        self._thread = threading.Thread(target=self._loop, name="engine", daemon=True)
        self._thread.start()

    def submit(self, network: Network, settings: Settings, chosen: ChosenData, session: str) -> Run:
        """Ask for a training; returns its run, which may be shared or already done.

        The same training is never done twice: a run that is done is returned as it is, one that is
        live is shared. A session waits for one run at most: asking for another gives up the first.

        Raises:
            RunError: It is beyond the limits, or the queue is full.
            NetworkError: The network cannot read these images.
        """
        return self._enter(Job(network, chosen.choice, settings), chosen, session, None)

    def continue_run(
        self, run_id: str, chosen: ChosenData, session: str, phase: Phase | None = None
    ) -> Run:
        """Go on from the last epoch of a run, in a new run that has the history of the first.

        With a `phase` it is trained for so many epochs more; without, to the end that was planned.

        Raises:
            RunError: The run cannot be continued, or not like this.
        """
        origin = self.run(run_id)
        if chosen.choice != origin.job.data:
            raise RunError("A run can be continued only with the images it was trained on.")
        settings = continued(origin, phase)
        job = replace(origin.job, settings=settings)
        return self._enter(job, chosen, session, origin)

    def run(self, run_id: str, session: str | None = None) -> Run:
        """The run as it is now. With a session, that session follows it from here on.

        Raises:
            RunError: There is no such run.
        """
        live = self._live.get(run_id)
        if live is None:
            return self._unsaved.get(run_id) or self._store.run(run_id)
        if session is not None:
            with self._lock:
                live.look(session)
        return live.run

    def place(self, run_id: str) -> Place | None:
        """Where a run is in the queue; None if it does not wait."""
        with self._lock:
            if run_id not in self._waiting:
                return None
            index = self._waiting.index(run_id)
            training = [live for live in self._live.values() if live.worker]
            ahead = training + [self._live[other] for other in self._waiting[:index]]
            seconds = sum(live.seconds_left(self._pace) for live in ahead)
            return Place(index + 1, seconds / max(1, len(training)))

    def stop(self, run_id: str, session: str) -> Run:
        """End a run and keep its whole epochs; withdraw it if it still waits.

        When others follow it too it goes on for them, and the session gets a stopped copy, which
        is the run returned.
        """
        with self._lock:
            live = self._live.get(run_id)
            if live is None:
                return self.run(run_id)
            if live.followers() - {session}:
                return self._copy_for_leaver(live, session)
            if live.worker is None:
                return self._end(live, "stopped", "This run was withdrawn before it began.")
            self._stop(live, "")
            return live.run

    def pause(self, run_id: str, session: str) -> Run:
        """Hold a run where it is, until `resume`.

        Raises:
            RunError: Others follow it too, or it is not training.
        """
        with self._lock:
            live = self._live.get(run_id)
            if live is None or live.run.status != "training" or live.command != "go":
                raise RunError("Only a run that is training can be paused.")
            if live.followers() - {session}:
                raise RunError(
                    "Others follow this run too, so it cannot be paused. Stop it to keep a copy of"
                    " what it has learned so far."
                )
            live.order("pause", "paused", "Paused. The worker waits; resume it or stop it.")
            self._tell(live)
            return live.run

    def resume(self, run_id: str) -> Run:
        """Let a paused run go on."""
        with self._lock:
            live = self._live.get(run_id)
            if live is None or live.command != "pause":
                raise RunError("Only a paused run can be resumed.")
            live.order("go", "training", "")
            self._tell(live)
            return live.run

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Run another function on a worker, beside its training (a download, for example)."""
        return self._workforce.call(function, *arguments)

    def close(self) -> None:
        """End the workers; the runs that are live are interrupted."""
        self._closed.set()
        self._inbox.put(None)
        self._thread.join()
        self._workforce.close()
        with self._lock:
            for live in list(self._live.values()):
                self._end(live, "interrupted", "The server was closed during this run.")

    def _enter(self, job: Job, chosen: ChosenData, session: str, origin: Run | None) -> Run:
        work = work_per_epoch(job, chosen)
        parent = Parent(origin.id, origin.last_epoch) if origin else None
        with self._lock:
            done = self._store.done(job, parent)
            if done is not None:
                return done
            for live in self._live.values():
                if (live.run.job, live.run.parent, live.command) == (job, parent, "go"):
                    live.owners.add(session)
                    live.look(session)
                    return live.run
            self._give_up_waiting(session)
            if len(self._waiting) >= LONGEST_QUEUE:
                raise RunError(
                    f"{len(self._waiting)} runs wait already, which is as many as can. Try again in"
                    " a few minutes."
                )
            now = time.time()
            run = Run(
                self._store.new_id(), job, "queued", "Waiting for its turn.", now, now, parent
            )
            start = None
            if origin is not None and origin.epochs:
                start = self._store.checkpoint(origin)
                run = self._store.save_copy(origin, run)
            else:
                self._store.save(run)
            self._live[run.id] = live = LiveRun(run, chosen, start, work, {session}, {})
            live.look(session)
            self._waiting.append(run.id)
        self._inbox.put(None)
        return run

    def _give_up_waiting(self, session: str) -> None:
        for run_id in self._waiting[:]:
            live = self._live[run_id]
            if session in live.owners:
                live.leave(session)
                if not live.owners:
                    self._end(live, "stopped", "Given up for a newer run before it began.")

    def _copy_for_leaver(self, live: LiveRun, session: str) -> Run:
        live.leave(session)
        message = "You stopped here; the others who follow this run train it on."
        copy = replace(live.run, id=self._store.new_id(), status="stopped", message=message)
        return self._store.save_copy(live.run, replace(copy, updated=time.time()))

    def _stop(self, live: LiveRun, reason: str) -> None:
        status: Status = "starting" if live.run.status == "starting" else "training"
        live.reason = reason
        live.order("stop", status, "Stopping; the epochs it has finished are kept.")
        self._tell(live)

    def _tell(self, live: LiveRun) -> None:
        assert live.worker is not None
        self._workforce.tell(live.run.id, live.worker, live.command)

    def _end(self, live: LiveRun, ending: Ending, message: str) -> Run:
        run = without_unfinished_epoch(live.run)
        run = replace(run, status=ending, message=live.reason or message, updated=time.time())
        try:
            self._store.save(run)
            self._store.clear(set(self._live))
        except OSError as error:
            _log.error("The run %s cannot be saved: %s", run.id, error)
            self._unsaved[run.id] = run
        if run.id in self._waiting:
            self._waiting.remove(run.id)
        del self._live[run.id]
        return run

    # What follows runs in the engine's own thread.

    def _loop(self) -> None:
        try:
            self._workforce.connect()
        except Exception as error:
            _log.error("The workers cannot be started yet: %s", error)
        while not self._closed.is_set():
            try:
                message = self._inbox.get(timeout=_TICK)
            except queue.Empty:
                message = None
            try:
                if message is not None:
                    self._hear(*message)
                self._enforce()
                self._dispatch()
            except Exception:
                _log.exception("The engine met a fault and goes on")

    def _hear(self, run_id: str, event: Event) -> None:
        with self._lock:
            live = self._live.get(run_id)
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
                    self._end(live, ending, message)
                case None:
                    self._end(live, "interrupted", _lost(live.run))

    def _keep(self, live: LiveRun, end: EpochEnd) -> None:
        try:
            live.run = self._store.save_epoch(live.run, end)
        except OSError as error:
            self._stop(live, f"This run was stopped, for it cannot be saved ({error.strerror}).")
            return
        if end.epoch > 0 and live.work:
            self._pace = end.seconds / live.work

    def _enforce(self) -> None:
        with self._lock:
            training = [live for live in self._live.values() if live.worker]
            for live in training:
                if live.command == "pause" and self._waiting and live.commanded_for > LONGEST_PAUSE:
                    self._stop(live, "Stopped: it was paused for long while others waited.")
                elif live.command == "go" and live.left and not live.followers():
                    self._stop(live, "Stopped: nobody followed it any more.")
        for live in training:
            if live.ignores_stop:
                assert live.worker is not None
                self._workforce.restart(live.worker)
                with self._lock:
                    if live.run.id in self._live:
                        self._end(live, "stopped", "Stopped by force; its whole epochs are kept.")

    def _dispatch(self) -> None:
        while (live := self._next()) is not None:
            try:
                workers = self._workforce.workers()
            except Exception as error:
                _log.error("No workers: %s", error)
                with self._lock:
                    if live.run.id in self._live:
                        self._end(live, "failed", _no_workers(error))
                continue
            with self._lock:
                busy = {other.worker for other in self._live.values()}
                free = [worker for worker in workers if worker not in busy]
                if not free:
                    return
                if live.run.id not in self._waiting:
                    continue
                self._waiting.remove(live.run.id)
                live.worker = free[0]
                live.show("starting", "The worker gets ready.")
            try:
                self._workforce.start(live.run.id, free[0], _order(live))
            except Exception as error:
                _log.exception("The run %s cannot be started", live.run.id)
                with self._lock:
                    self._end(live, "failed", _no_workers(error))

    def _next(self) -> LiveRun | None:
        with self._lock:
            training = [live for live in self._live.values() if live.worker]
            busy = {session for live in training for session in live.owners}
            waiting = [self._live[run_id] for run_id in self._waiting]
            return next((live for live in waiting if live.owners - busy), None)


def _order(live: LiveRun) -> Order:
    data = TrainingData(*training_arrays(live.chosen), classes=len(live.chosen.classes))
    return Order(live.run.job.network, live.run.job.settings, data, live.start)


def _lost(run: Run) -> str:
    kept = f"its epochs up to {run.last_epoch} are kept" if run.epochs else "no epoch was finished"
    return (
        f"The worker that trained this run went away, perhaps for want of memory; {kept}. Continue"
        " it, or try a smaller network or fewer images."
    )


def _no_workers(error: Exception) -> str:
    return f"No worker could be started for this run ({error}). Try again in a minute."
