"""A run that is still to end: who follows it, what it was told, how long it will take."""

import time
from dataclasses import dataclass, field, replace

from cnn.data.dataset import ChosenData
from cnn.training.events import Checkpoint, Command
from cnn.training.run import Run, Status

FOLLOWING = 90.0
"""Seconds after which a session that has not asked for a run follows it no more. Browsers let a
page in the background ask about once a minute."""

STOP_PATIENCE = 10.0
START_PATIENCE = 60.0
"""Seconds a worker has to obey a stop: once it trains, and while it still loads TensorFlow."""


@dataclass(eq=False)
class ActiveRun:
    """What the engine keeps of a run beside its snapshot; changed only under the roll's lock.

    `owners` are the sessions that asked for the training, `seen` says when each session last asked
    how it goes. `epoch_seconds` is the reference time of an epoch. `reason` is the message to end with.
    `left` says that a session stopped following it, so that it goes on for the others only.
    `background` is for the runs of experiments: only their last epoch's weights are kept.
    """

    run: Run
    chosen: ChosenData
    start: Checkpoint | None
    epoch_seconds: float
    owners: set[str] = field(default_factory=set)
    seen: dict[str, float] = field(default_factory=dict)
    worker: str | None = None
    command: Command = "go"
    commanded: float = 0.0
    reason: str = ""
    left: bool = False
    background: bool = False

    def look(self, session: str) -> None:
        """Note that a session asks for the run now."""
        self.seen[session] = time.monotonic()

    def followers(self) -> set[str]:
        """The sessions that asked for it lately."""
        since = time.monotonic() - FOLLOWING
        return {session for session, seen in self.seen.items() if seen >= since}

    def leave(self, session: str) -> None:
        """A session stops following."""
        self.owners.discard(session)
        self.seen.pop(session, None)
        self.left = True

    def order(self, command: Command, status: Status, message: str) -> None:
        """Note a command for the worker, and how the run looks from now on."""
        self.command = command
        self.commanded = time.monotonic()
        self.show(status, message)

    def show(self, status: Status, message: str) -> None:
        """Change the snapshot's status."""
        self.run = replace(self.run, status=status, message=message, updated=time.time())

    @property
    def commanded_for(self) -> float:
        """Seconds since the last command."""
        return time.monotonic() - self.commanded

    @property
    def ignores_stop(self) -> bool:
        """Whether the worker was told to stop and has had its time to do so."""
        patience = START_PATIENCE if self.run.status == "starting" else STOP_PATIENCE
        return self.command == "stop" and self.commanded_for > patience

    def seconds_left(self, pace: float) -> float:
        """Seconds of training to come, at `pace` times the reference until it is measured."""
        measured = [record.seconds for record in self.run.epochs[1:]][-5:]
        seconds = sum(measured) / len(measured) if measured else self.epoch_seconds * pace
        return (self.run.planned_epochs - self.run.last_epoch) * seconds
