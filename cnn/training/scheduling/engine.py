"""The engine: trains networks for many visitors at once, in processes of their own."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from weakref import WeakValueDictionary

from cnn.arrays import Array
from cnn.data.split import ChosenData, DataChoice
from cnn.network.spec import Network
from cnn.training.events import Checkpoint
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Parent, Run, RunError, continued
from cnn.training.scheduling import limits
from cnn.training.scheduling.dispatcher import Dispatcher
from cnn.training.scheduling.queue import RunQueue
from cnn.training.scheduling.sharing import Lease
from cnn.training.scheduling.workers import WorkerPool
from cnn.training.store import RunStore

SCHEDULER_VARIABLE = "CNN_PLAYGROUND_SCHEDULER"
"""The environment variable with the address of a Dask scheduler to use instead of own workers."""


class Engine:
    """Queues, starts, follows and stops runs. All methods may be called from any thread.

    A person is any text that stands for one visitor. The workers are started in the background at
    once: `workers` processes on this machine, or those of the Dask cluster whose scheduler is at
    `scheduler` (or at the address in the environment). Each worker trains one run at a time. While
    others wait, a run trains for `slot` seconds at a time.

    Where several processes have the same store, the queue is that of one of them, see `Lease`. It
    continues what a process before it left unfinished, with the images that `images` gives for a
    choice of data.

    The state is in a `RunQueue`, which answers most calls itself: see there for `run`, `position`,
    `standing`, `waiting`, `present`, `stop`, `pause`, `resume`, `keep` and the background. A `Dispatcher` brings runs to the
    `WorkerPool`, which runs other functions on the workers, too: see there for `call` and `expect`.
    """

    def __init__(
        self,
        store: RunStore,
        workers: int = 1,
        scheduler: str | None = None,
        slot: float = limits.SLOT,
        images: Callable[[DataChoice], ChosenData] | None = None,
    ) -> None:
        self._store = store
        self._images = images
        # Other processes send the images with each request; one copy of them is enough.
        self._known: WeakValueDictionary[DataChoice, ChosenData] = WeakValueDictionary()
        self._pool = WorkerPool(workers, scheduler or os.environ.get(SCHEDULER_VARIABLE))
        runs = self._queue = RunQueue(store, self._pool.send_command, slot=slot)
        self._dispatcher = Dispatcher(runs.trainings, self._pool)
        self._lease = Lease(store.folder, self._take_over)
        shared = self._lease.shared
        self._submit = shared(self._submit_here)
        self._run, self.live = shared(runs.run), shared(runs.live)
        self.position, self.keep = shared(runs.position), shared(runs.keep)
        self.stop, self.pause = shared(runs.stop), shared(runs.pause)
        self.resume = shared(runs.resume)
        self.standing, self.waiting = shared(runs.standing), shared(runs.waiting)
        self.present = shared(runs.present)
        self.submit_background = shared(runs.submit_background)
        self.background = shared(runs.background)
        self.cancel_background = shared(runs.cancel_background)
        self.call, self.expect = self._pool.call, self._pool.expect
        self._lease.acquire()
        self._dispatcher.start()

    @property
    def workers(self) -> int:
        """How many trainings can go on at once, wherever the workers are."""
        return self._pool.count

    @property
    def worker_memory(self) -> float:
        """Bytes that a worker may take; infinite where a cluster elsewhere sets no limit."""
        return self._pool.memory

    @property
    def speed_factor(self) -> float | None:
        """How many times as long as the reference an epoch takes here; None until measured."""
        return self._queue.speed_factor

    def run(self, run_id: str) -> Run:
        """Return a run as it is now. Raises RunError if there is no such run."""
        if not self._lease.held:
            with suppress(RunError):  # what has ended is on disk, as it will stay
                run = self._store.run(run_id)
                if not run.live:
                    return run
        return self._run(run_id)

    def submit(self, network: Network, settings: Settings, chosen: ChosenData, person: str) -> Run:
        """Request a training; returns its run, which may be shared or done already.

        The same training is never done twice: a finished run is returned as it is, an active one is
        shared. A person has at most one run that has not begun: a new request replaces the one
        before.

        Raises RunError where the run is beyond the limits or the memory of a worker, too much waits
        already, in all or for this person or address, or the run cannot be saved, and NetworkError
        where the network cannot read these images.
        """
        job = Job(network, chosen.choice, settings)
        limits.check_memory(job, chosen, self.worker_memory)
        return self._submit(job, chosen, person)

    def continue_run(
        self, run_id: str, chosen: ChosenData, person: str, phase: Phase | None = None
    ) -> Run:
        """Continue a run from its last epoch, in a new run that begins with the epochs of the first.

        The new run belongs to the person, and the first, whosever it is, stays as it was. With a
        `phase` it trains for that many more epochs; without, to the end that was planned.
        Raises RunError where the run cannot be continued, or not like this.
        """
        origin = self._trained_on(run_id, chosen)
        job = replace(origin.job, settings=continued(origin, phase))
        limits.check_memory(job, chosen, self.worker_memory)
        parent = Parent(origin.id, origin.last_epoch)
        if origin.epochs:
            self._store.checkpoint(origin)  # what is damaged is reported now
        return self._submit(job, chosen, person, parent)

    def train_edited(
        self,
        run_id: str,
        epoch: int,
        weights: Array,
        chosen: ChosenData,
        person: str,
        phase: Phase,
    ) -> Run:
        """Train a network that a visitor edited, in a new run whose epoch 0 it is.

        `weights` are flat: those of the run after `epoch` with the edits applied. They are trained
        with the run's settings for one `phase`, by a fresh optimizer. The same edits and phase give
        the same run. Raises RunError as `submit`, and where the images are not those of the run.
        """
        origin = self._trained_on(run_id, chosen)
        job = replace(origin.job, settings=replace(origin.job.settings, phases=(phase,)))
        limits.check_memory(job, chosen, self.worker_memory)
        start = Checkpoint(0, weights, fresh=True)
        parent = Parent(origin.id, epoch, hashlib.sha256(weights.tobytes()).hexdigest())
        return self._submit(job, chosen, person, parent, start)

    def close(self) -> None:
        """End the workers; active runs are interrupted."""
        self._dispatcher.close()
        if self._lease.held:
            self._queue.trainings.end("interrupted", "The server was closed during this run.")
        self._lease.release()

    def _take_over(self) -> None:
        self._queue.take_over(self._images)
        self._dispatcher.take_over()

    def _trained_on(self, run_id: str, chosen: ChosenData) -> Run:
        run = self.run(run_id)
        if chosen.choice != run.job.data:
            raise RunError("You can continue a run only with the images it was trained on.")
        return run

    def _submit_here(
        self,
        job: Job,
        chosen: ChosenData,
        person: str,
        parent: Parent | None = None,
        start: Checkpoint | None = None,
    ) -> Run:
        """As `RunQueue.submit`; has the dispatcher look at the queue."""
        chosen = self._known.setdefault(chosen.choice, chosen)
        run = self._queue.submit(job, chosen, person, parent, start)
        self._dispatcher.wake()
        return run
