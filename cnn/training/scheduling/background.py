"""The trainings that experiments need: the background, done while no visitor waits for a worker."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnn.data.split import ChosenData
from cnn.training.job import Job
from cnn.training.run import Run, RunError
from cnn.training.scheduling import limits


@dataclass(eq=False)
class BackgroundTask:
    """A training that an experiment needs. Once submitted, only the scheduler changes it.

    `epoch_seconds` is the reference time of an epoch. The dispatcher calls `on_end` from its thread
    with the run that did the task, or with the one that failed to. `owner` names the experiment,
    `run_id` the run that does the task, and `waits` says whether none does yet, or one that has no
    worker at present.
    """

    job: Job
    chosen: ChosenData
    epoch_seconds: float
    on_end: Callable[[Run], None]
    owner: str = ""
    run_id: str | None = None
    waits: bool = True


@dataclass(frozen=True)
class BackgroundStatus:
    """What an owner has in the background: the runs in training, and how many tasks wait."""

    training: tuple[Run, ...] = ()
    waiting: int = 0

    @property
    def busy(self) -> bool:
        """Whether a task of the owner has not ended."""
        return bool(self.training) or self.waiting > 0


class BackgroundTasks:
    """The tasks of all experiments that have not ended. Used with the lock of `ActiveRuns`."""

    def __init__(self) -> None:
        self._tasks: list[BackgroundTask] = []
        self._ended: list[tuple[BackgroundTask, Run]] = []

    def add(self, owner: str, tasks: Sequence[BackgroundTask]) -> None:
        """Add an owner's tasks. Raises RunError if too many would wait."""
        if len(self._tasks) + len(tasks) > limits.MOST_IN_BACKGROUND:
            raise RunError(
                f"{len(self._tasks)} runs of experiments are waiting. The limit is {limits.MOST_IN_BACKGROUND}. Try again when some are done."
            )
        for task in tasks:
            task.owner = owner
        self._tasks.extend(tasks)

    def of(self, owner: str) -> list[BackgroundTask]:
        """Return an owner's tasks."""
        return [task for task in self._tasks if task.owner == owner]

    def cancel(self, owner: str) -> set[str]:
        """Remove an owner's tasks; returns the runs that no other owner needs."""
        removed = {task.run_id for task in self.of(owner) if task.run_id}
        self._tasks = [task for task in self._tasks if task.owner != owner]
        return removed - {task.run_id for task in self._tasks if task.run_id}

    def next(self) -> BackgroundTask | None:
        """Return the first waiting task of the owner with the fewest tasks in training."""
        training = Counter(task.owner for task in self._tasks if not task.waits)
        waiting = [task for task in self._tasks if task.waits]
        return min(waiting, key=lambda task: training[task.owner], default=None)

    def assign(self, task: BackgroundTask, run_id: str) -> None:
        """Note that a run does a task, and all others that this run does."""
        task.run_id = run_id
        for one in self._done_by(run_id):
            one.waits = False

    def preempted(self, run_id: str) -> None:
        """Note that a run has lost its worker and has to be continued."""
        for task in self._done_by(run_id):
            task.waits = True

    def run_ended(self, run: Run, result: bool) -> None:
        """End the tasks of a run if it is their `result`; otherwise another run must do them."""
        for task in self._done_by(run.id):
            if result:
                self.end(task, run)
            else:
                task.run_id, task.waits = None, True

    def end(self, task: BackgroundTask, run: Run) -> None:
        """Note that a run, which may be an earlier one, is the result of a task."""
        task.run_id, task.waits = run.id, False
        self._ended.append((task, run))

    def take_ended(self) -> list[tuple[BackgroundTask, Run]]:
        """Return the tasks that ended since the last time, which stay until they are removed."""
        ended, self._ended = self._ended, []
        return ended

    def remove(self, task: BackgroundTask) -> None:
        """Remove a task whose result has been reported."""
        self._tasks = [other for other in self._tasks if other is not task]

    def _done_by(self, run_id: str) -> list[BackgroundTask]:
        return [task for task in self._tasks if task.run_id == run_id]
