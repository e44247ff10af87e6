"""What the queue holds: runs that have not ended, and trainings that experiments need.

The latter are the background: they are done while no visitor waits for a worker.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cnn.data.split import ChosenData
from cnn.training.events import Checkpoint, Command
from cnn.training.job import Job
from cnn.training.run import Run, Status

FOLLOWING = 90.0
"""Seconds after which a session that has not asked for a run no longer follows it. Browsers let a
background tab ask about once a minute."""

STOP_PATIENCE = 10.0
START_PATIENCE = 60.0
"""Seconds a worker has to obey a stop: while it trains, and while it still loads TensorFlow."""

MOST_FAULTS = 3
"""How often a task's run may break off by itself before the task ends without a result."""


@dataclass(eq=False)
class ActiveRun:
    """What the scheduler knows of a run besides its snapshot. Only `RunQueue` changes it.

    `start` is the checkpoint to train from (None: from scratch), `epoch_seconds` the reference time
    of an epoch. `owners` are the sessions that requested the training, `last_seen` says when each
    session last asked for the run. `worker` is the address of the worker that trains it and `key`
    names this training, in contrast to an earlier one of the same run. `end_message` replaces the message that the run ends with.
    `was_left` is set when a session stops following a run that goes on for the others. A
    `background` run belongs to an experiment; `preempted` says that it was stopped for a visitor's
    run and will be continued.
    """

    run: Run
    chosen: ChosenData
    start: Checkpoint | None
    epoch_seconds: float
    background: bool = False
    owners: set[str] = field(default_factory=set)
    last_seen: dict[str, float] = field(default_factory=dict)
    worker: str | None = None
    key: str = ""
    command: Command = "go"
    commanded_at: float = 0.0
    end_message: str = ""
    was_left: bool = False
    preempted: bool = False

    def followers(self, now: float) -> set[str]:
        """Return the sessions that asked for the run within the last `FOLLOWING` seconds."""
        return {one for one, seen in self.last_seen.items() if now - seen <= FOLLOWING}

    def leave(self, session: str) -> None:
        """Remove a session that no longer follows the run."""
        self.owners.discard(session)
        self.last_seen.pop(session, None)
        self.was_left = True

    def set_status(self, status: Status, message: str) -> None:
        """Replace the snapshot by one with another status and message."""
        self.run = replace(self.run, status=status, message=message, updated=time.time())

    def ignores_stop(self, now: float) -> bool:
        """Return whether the worker has had enough time to obey a stop and has not."""
        patience = START_PATIENCE if self.run.status == "starting" else STOP_PATIENCE
        return self.command == "stop" and now - self.commanded_at > patience

    def seconds_left(self, speed_factor: float) -> float:
        """Estimate the seconds of training still to come.

        Uses the run's own last epochs, or `speed_factor` times the reference before there are any.
        """
        measured = [record.seconds for record in self.run.epochs[1:]][-5:]
        seconds = sum(measured) / len(measured) if measured else self.epoch_seconds * speed_factor
        return (self.run.planned_epochs - self.run.last_epoch) * seconds


@dataclass(eq=False)
class BackgroundTask:
    """A training that an experiment needs. Once submitted, only `RunQueue` changes it.

    `epoch_seconds` is the reference time of an epoch. The dispatcher calls `on_end` from its thread
    with the run that did the task, or with the last one that failed to. `owner` names the
    experiment, `run_id` the run that does the task now, `unfinished` is one to continue, `faults`
    counts the runs that broke off.
    """

    job: Job
    chosen: ChosenData
    epoch_seconds: float
    on_end: Callable[[Run], None]
    owner: str = ""
    run_id: str | None = None
    unfinished: Run | None = None
    faults: int = 0


@dataclass(frozen=True)
class BackgroundStatus:
    """What an owner has in the background: the runs in training, and how many tasks wait."""

    training: tuple[Run, ...] = ()
    waiting: int = 0

    @property
    def busy(self) -> bool:
        """Whether a task of the owner has not ended."""
        return bool(self.training) or self.waiting > 0
