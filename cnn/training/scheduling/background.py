"""The background: the trainings of experiments, done while no visitor waits for a worker."""

from collections.abc import Callable
from dataclasses import dataclass

from cnn.data.split import ChosenData
from cnn.training.job import Job
from cnn.training.run import Run

MOST_FAULTS = 3
"""How often a task's run may break off by itself before the task ends without a result."""


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
