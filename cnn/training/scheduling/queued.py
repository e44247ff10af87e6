"""What the queue holds: runs that have not ended, and what it says about them."""

import time
from dataclasses import dataclass, field, replace

from cnn.data.split import ChosenData
from cnn.training.events import Checkpoint, Command
from cnn.training.run import Run, Status

PRESENT = 300.0
"""Seconds after which a person who has opened no page counts as absent. Browsers let a background
tab ask about once a minute."""

STOP_PATIENCE = 10.0
START_PATIENCE = 60.0
"""Seconds a worker has to obey a stop: while it trains, and while it still loads TensorFlow."""

FIRST_NEWS = 300.0
NEWS = 60.0
"""The least seconds after which a training that reports nothing counts as stuck: until its first
report, for which a worker loads TensorFlow and compiles the network, and from one to the next."""

SLOWER = 8.0
"""How many times as long as expected a report may take, if that is more."""

MOST_FAULTS = 3
"""How often a run may lose its worker, or get stuck, without a whole epoch in between."""


@dataclass(eq=False)
class ActiveRun:
    """What the scheduler knows of a run besides its snapshot. Only `RunQueue` changes it.

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


@dataclass(frozen=True)
class Standing:
    """What a person may do with a run that has not ended.

    The `owner` may pause and resume it, a `follower` (the owner is one, too) may leave it, which
    ends it for the last one. `others` is how many more follow it, and `watched` says whether one of
    them is present.
    """

    owner: bool = False
    follower: bool = False
    others: int = 0
    watched: bool = False


@dataclass(frozen=True)
class QueuePosition:
    """A place in the queue, counted from 1, and the estimated seconds to wait there.

    `training` runs train meanwhile. `after_own` says that it waits for another run of its people.
    """

    position: int
    seconds: float
    training: int = 0
    after_own: bool = False


@dataclass(frozen=True)
class Waiting:
    """What a person has in the queue: a run not begun, which the next takes the place of, and
    `others`, which wait to be continued."""

    replaceable: bool = False
    others: int = 0
