"""The runs that have not ended, and what is kept of them: the state of the scheduler.

It has one lock. `RunQueue` takes it to change this for visitors and experiments, `Trainings` for the
dispatcher; nothing else changes an `ActiveRun`.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median

from cnn.data.dataset import DataError
from cnn.data.split import ChosenData, DataChoice
from cnn.storage import new_id
from cnn.training.events import Checkpoint, Command, Ending, EpochEnd
from cnn.training.job import Job
from cnn.training.run import Parent, Run, RunError, Status, without_unfinished_epoch
from cnn.training.scheduling import limits
from cnn.training.scheduling.background import BackgroundTasks
from cnn.training.store import RunStore

STOP_PATIENCE = 10.0
START_PATIENCE = 60.0
"""Seconds a worker has to obey a stop: while it trains, and while it still loads TensorFlow."""

FIRST_NEWS = 300.0
NEWS = 60.0
"""The least seconds after which a training that reports nothing counts as stuck: until its first
report, for which a worker loads TensorFlow and compiles the network, and from one to the next."""

SLOWER = 8.0
"""How many times as long as expected a report may take, if that is more."""

_SPEEDS = 99
"""Epochs whose speed is remembered."""

Images = Callable[[DataChoice], ChosenData]
"""Gives the images of a choice. Raises DataError where there are none."""

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class ActiveRun:
    """What the scheduler knows of a run besides its snapshot. Changed with the lock of `ActiveRuns`.

    `start` is the checkpoint to train from (None: from scratch), `epoch_seconds` the reference time
    of an epoch. `followers` are the people who requested the training, its owner first; a
    `background` run, which belongs to an experiment, has none. `since` is when it began to wait or,
    if it has a worker, to train. `worker` is the address of the worker that trains it and `key`
    names this training, in contrast to an earlier one of the same run; `begun` says that it had a
    worker before. `reported` is when there was last news of the training. `end_message` replaces
    the message that the run ends with. `preempted` says that it was told to give its worker to
    another run, and will be continued; `paused`, that its owner holds it; `faults` counts how often
    it lost its worker since its last whole epoch.
    """

    run: Run
    chosen: ChosenData
    start: Checkpoint | None
    epoch_seconds: float
    since: float
    background: bool = False
    followers: list[str] = field(default_factory=list)
    worker: str | None = None
    key: str = ""
    begun: bool = False
    reported: float = 0.0
    command: Command = "go"
    commanded: float = 0.0
    end_message: str = ""
    preempted: bool = False
    paused: bool = False
    faults: int = 0

    def set_status(self, status: Status, message: str) -> None:
        """Replace the snapshot by one with another status and message."""
        self.run = replace(self.run, status=status, message=message, updated=time.time())

    def requeue(self, why: str, now: float) -> None:
        """Have the run wait for a worker, to go on after its last whole epoch. `why` is a sentence."""
        self.run = without_unfinished_epoch(self.run)
        self.worker, self.key, self.command = None, "", "go"
        self.preempted, self.since = False, now
        last = self.run.last_epoch
        then = f"continues after epoch {last}" if self.run.epochs else "starts again"
        self.set_status("paused" if self.paused else "queued", f"{why} It {then}.")

    def ignores_stop(self, now: float) -> bool:
        """Return whether the worker has had enough time to obey a stop and has not."""
        patience = START_PATIENCE if self.run.status == "starting" else STOP_PATIENCE
        return self.command == "stop" and now - self.commanded > patience

    def is_stuck(self, now: float, speed_factor: float) -> bool:
        """Return whether the training has reported nothing for several times as long as expected.

        The longest silence to expect is from the last point of an epoch to its end, when the test
        images are measured. Whoever was taken for stuck before is given twice the time.
        """
        if self.command not in ("go", "yield"):
            return False
        epoch = self.seconds_per_epoch(speed_factor)
        if self.run.status == "starting":
            patience = FIRST_NEWS + SLOWER * epoch
        else:
            tests = len(self.chosen.test) / max(1, len(self.chosen.train))
            patience = max(NEWS, SLOWER * epoch * (1 / 6 + tests))
        return now - self.reported > patience * 2**self.faults

    def seconds_per_epoch(self, speed_factor: float) -> float:
        """Return the mean of the last epochs, or before there are any estimate it.

        The estimate is `speed_factor` times the reference.
        """
        measured = [record.seconds for record in self.run.epochs[1:]][-5:]
        return sum(measured) / len(measured) if measured else self.epoch_seconds * speed_factor

    def seconds_left(self, speed_factor: float) -> float:
        """Estimate the seconds of training still to come."""
        return (
            self.run.planned_epochs * (1 - self.run.progress) * self.seconds_per_epoch(speed_factor)
        )


class ActiveRuns:
    """The runs that have not ended by their id, and the tasks in the background.

    All but the lock may be used only by who holds it. `clock` counts seconds; `speeds` are those of
    the last epochs, as multiples of the reference.
    """

    def __init__(self, store: RunStore, clock: Callable[[], float]) -> None:
        self.lock = threading.RLock()
        self.store = store
        self.clock = clock
        self.by_id: dict[str, ActiveRun] = {}
        self.tasks = BackgroundTasks()
        self.speeds: deque[float] = deque(maxlen=_SPEEDS)
        self._unsaved: dict[str, Run] = {}

    @property
    def speed_factor(self) -> float | None:
        """How many times as long as the reference an epoch takes here; None until measured."""
        return median(self.speeds) if self.speeds else None

    def training(self) -> list[ActiveRun]:
        """Return the runs that have a worker."""
        return [active for active in self.by_id.values() if active.worker]

    def without_worker(self) -> list[ActiveRun]:
        """Return the visitors' runs that have none."""
        runs = self.by_id.values()
        return [active for active in runs if not active.worker and not active.background]

    def waiting(self) -> list[ActiveRun]:
        """Return the visitors' runs that need one."""
        return [active for active in self.without_worker() if not active.paused]

    def same(self, job: Job, parent: Parent | None, background: bool) -> ActiveRun | None:
        """Return the run that does this very job, unless it is paused or stopping.

        Only with `background` may it be one that keeps nothing but its last epoch's weights.
        """
        for active in self.by_id.values():
            usable = background or not active.background
            going = not active.paused and active.command in ("go", "yield")
            if usable and going and (active.run.job, active.run.parent) == (job, parent):
                return active
        return None

    def ended(self, run_id: str) -> Run:
        """Return a run that has ended. Raises RunError if there is no such run."""
        return self._unsaved.get(run_id) or self.store.run(run_id)

    def take_over(self, images: Images | None) -> None:
        """Queue the runs that a process before this one left unfinished, in their order.

        They go on after their last whole epoch. Runs of experiments, and those whose images or first
        weights are gone, are ended as interrupted.
        """
        for run in self.store.take_over():
            edited = run.parent is not None and run.parent.edits is not None
            lost = not run.owner or (edited and not run.epochs)
            try:
                if images is None or lost:
                    raise RunError("It cannot go on by itself.")
                chosen = images(run.job.data)
                seconds = limits.seconds_per_epoch(run.job, chosen)
            except (RunError, DataError):
                self._interrupt(run)
                continue
            active = ActiveRun(run, chosen, None, seconds, self.clock())
            active.followers, active.begun = [run.owner], bool(run.epochs)
            active.paused = run.status == "paused"
            active.requeue("The server was restarted.", self.clock())
            self.by_id[run.id] = active

    def _interrupt(self, run: Run) -> None:
        """End a run that was left unfinished and cannot go on by itself."""
        kept = (
            f"Its epochs up to {run.last_epoch} are kept" if run.epochs else "No epoch was finished"
        )
        message = f"The server was restarted during this run. {kept}; continue it when you like."
        ended = replace(
            without_unfinished_epoch(run),
            status="interrupted",
            message=message,
            updated=time.time(),
        )
        self._save(ended)

    def set_start(self, active: ActiveRun) -> None:
        """Have a run that has whole epochs go on after them."""
        if active.run.epochs:
            try:
                active.start = self.store.checkpoint(active.run)
            except RunError:  # its weights are gone: the same numbers come from the start
                active.run = replace(active.run, points=(), epochs=(), kept=())

    def save_epoch(self, active: ActiveRun, end: EpochEnd) -> None:
        """Keep a whole epoch. Raises RunError if it cannot be saved."""
        active.run = self.store.save_epoch(active.run, end, last_only=active.background)
        active.faults = 0
        if end.epoch > 0:
            self.speeds.append(end.seconds / active.epoch_seconds)

    def end(self, active: ActiveRun, ending: Ending, message: str) -> Run:
        """End a run; returns it as it is kept."""
        run = replace(
            without_unfinished_epoch(active.run),
            status=ending,
            message=active.end_message or message,
            updated=time.time(),
        )
        self._save(run)
        del self.by_id[run.id]
        # A visitor's run that was stopped leaves its tasks to be done.
        self.tasks.run_ended(run, active.background or ending in ("done", "diverged"))
        return run

    def _save(self, run: Run) -> None:
        """Keep the record of a run that has ended, or remember to do so later."""
        try:
            self.store.save(run)
            self.store.clear(set(self.by_id))
        except (RunError, OSError) as error:
            _log.error("%s: %s", run.id, error)
            self._unsaved[run.id] = run

    def save_unsaved(self) -> None:
        """Write the records of the runs that ended while nothing could be written."""
        for run in list(self._unsaved.values()):
            try:
                self.store.save(run)
            except RunError:
                return
            del self._unsaved[run.id]


def new_run(job: Job, message: str = "", parent: Parent | None = None, owner: str = "") -> Run:
    """Return a run of this job that waits."""
    now = time.time()
    return Run(new_id(), job, "queued", message, now, now, parent, owner=owner)
