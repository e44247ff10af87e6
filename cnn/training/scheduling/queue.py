"""The queue of runs: which wait, which train, who follows them, and how each of them ends.

One object with one lock. Every method takes the lock, and nothing else changes an `ActiveRun`.
"""

import logging
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from cnn.arrays import Array
from cnn.data.split import ChosenData
from cnn.storage import new_id
from cnn.training.events import Checkpoint, Command, Ending, EpochEnd, Outcome, Point
from cnn.training.job import Job
from cnn.training.run import Parent, Run, RunError, Status, with_point, without_unfinished_epoch
from cnn.training.scheduling import limits
from cnn.training.scheduling.queued import MOST_FAULTS, ActiveRun, BackgroundStatus, BackgroundTask
from cnn.training.store import RunStore

TrainingEvent = Point | EpochEnd | Outcome | None
"""What a worker reports of a run; None: it no longer works on the run, for whatever reason."""

SendCommand = Callable[[str, str, Command], None]
"""Sends a worker (its address comes second) a command for a training (its key comes first), and
returns at once."""

_SPEEDS = 99
"""Epochs whose speed is remembered."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class QueuePosition:
    """A place in the queue, counted from 1, and the estimated seconds to wait there."""

    position: int
    seconds: float


class RunQueue:
    """The runs that have not ended, and the tasks in the background.

    Sessions name visitors, owners name experiments. `clock` counts seconds.
    """

    def __init__(
        self,
        store: RunStore,
        send_command: SendCommand,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = threading.RLock()
        self._store = store
        self._send_command = send_command
        self._clock = clock
        self._active: dict[str, ActiveRun] = {}
        self._tasks: list[BackgroundTask] = []
        self._ended_tasks: list[tuple[BackgroundTask, Run]] = []
        self._unsaved: dict[str, Run] = {}
        self._speeds: deque[float] = deque(maxlen=_SPEEDS)

    # What visitors and experiments ask for.

    def submit(
        self,
        job: Job,
        chosen: ChosenData,
        session: str,
        parent: Parent | None = None,
        start: Checkpoint | None = None,
        history: Run | None = None,
    ) -> Run:
        """Return the run that does this job from this start; queue a new one if there is none.

        A new run begins with the epochs of `history`. Raises RunError and NetworkError: see
        `Engine.submit`.
        """
        seconds = limits.seconds_per_epoch(job, chosen)
        with self._lock:
            done = self._store.done(job, parent)
            if done is not None:
                return done
            active = self._same(job, parent, background=False)
            if active is None:
                others = [one for one in self._waiting() if one.owners != {session}]
                if len(others) >= limits.LONGEST_QUEUE:
                    raise RunError(
                        f"The queue is full: {limits.LONGEST_QUEUE} runs are waiting. Try again in a few minutes."
                    )
                run = _new_run(job, "Waiting for its turn.", parent)
                if history is None:
                    self._store.save(run)
                else:
                    run = self._store.save_copy(history, run)
                active = ActiveRun(run, chosen, start, seconds)
                self._give_up_waiting(session)
                self._active[active.run.id] = active
            elif active.worker is None and session not in active.owners:
                self._give_up_waiting(session)
            active.owners.add(session)
            active.last_seen[session] = self._clock()
            return active.run

    def run(self, run_id: str, session: str | None = None) -> Run:
        """Return a run as it is now, and note that `session` follows it.

        Raises RunError if there is no such run.
        """
        with self._lock:
            active = self._active.get(run_id)
            if active is not None:
                if session is not None:
                    active.last_seen[session] = self._clock()
                return active.run
        return self._ended(run_id)

    def position(self, run_id: str) -> QueuePosition | None:
        """Return where a run is in the queue; None if it does not wait."""
        with self._lock:
            waiting = self._waiting()
            index = next((at for at, one in enumerate(waiting) if one.run.id == run_id), None)
            if index is None:
                return None
            training = [one for one in self._training() if not one.background]
            ahead = training + waiting[:index]
            seconds = sum(active.seconds_left(self.speed_factor or 1.0) for active in ahead)
            return QueuePosition(index + 1, seconds / max(1, len(training)))

    def stop(self, run_id: str, session: str) -> Run:
        """End a run for a session; returns the run that is left to it.

        Where others follow the run it goes on, and the session gets a copy of the epochs so far.
        Raises RunError for a run of an experiment.
        """
        with self._lock:
            active = self._active.get(run_id)
            if active is None:
                return self._ended(run_id)
            if active.followers(self._clock()) - {session}:
                return self._copied_for(active, session)
            _refuse_background(active)
            if active.worker is None:
                return self._end(active, "stopped", "You canceled this run before it began.")
            self._stop(active)
            return active.run

    def pause(self, run_id: str, session: str) -> Run:
        """Hold a run where it is. Raises RunError unless it is training for this session alone."""
        with self._lock:
            active = self._active.get(run_id)
            if active is None or active.run.status != "training" or active.command != "go":
                raise RunError("Only a run that is training can be paused.")
            _refuse_background(active)
            if active.followers(self._clock()) - {session}:
                raise RunError(
                    "Others follow this run too, so you cannot pause it. Stop it to keep your own copy of the epochs so far."
                )
            self._command(active, "pause", "paused", "Paused")
            return active.run

    def resume(self, run_id: str) -> Run:
        """Continue a paused run. Raises RunError if it is not paused."""
        with self._lock:
            active = self._active.get(run_id)
            if active is None or active.command != "pause":
                raise RunError("Only a paused run can be resumed.")
            self._command(active, "go", "training", "")
            return active.run

    def submit_background(self, owner: str, tasks: Sequence[BackgroundTask]) -> None:
        """Have trainings done while no visitor waits, as many at once as there are workers.

        A visitor's run preempts a run in training, which later continues after its last whole epoch,
        as does one whose worker goes away. Only the last epoch's weights are kept. Owners share the
        workers equally. Raises RunError if too many tasks would wait.
        """
        with self._lock:
            if len(self._tasks) + len(tasks) > limits.MOST_IN_BACKGROUND:
                raise RunError(
                    f"{len(self._tasks)} runs of experiments are waiting. The limit is {limits.MOST_IN_BACKGROUND}. Try again when some are done."
                )
            for task in tasks:
                task.owner = owner
            self._tasks.extend(tasks)

    def cancel_background(self, owner: str) -> None:
        """Remove an owner's tasks and stop those of their runs that no other owner needs."""
        with self._lock:
            removed = {task.run_id for task in self._tasks if task.owner == owner}
            self._tasks = [task for task in self._tasks if task.owner != owner]
            for run_id in removed - {task.run_id for task in self._tasks}:
                active = self._active.get(run_id or "")
                if active is not None and active.background and active.command != "stop":
                    self._stop(active, "You canceled its experiment.")

    def background(self, owner: str) -> BackgroundStatus:
        """Return what an owner has in the background."""
        with self._lock:
            tasks = [task for task in self._tasks if task.owner == owner]
            active = [self._active.get(task.run_id or "") for task in tasks]
            training = tuple(one.run for one in active if one is not None)
            return BackgroundStatus(training, len(tasks) - len(training))

    def keep(self, run: Run, weights: Mapping[int, Array]) -> Run:
        """Keep a run that was imported from a file. Raises RunError if it cannot be saved."""
        with self._lock:
            kept = self._store.save_imported(run, weights)
            self._store.clear(set(self._active))
            return kept

    @property
    def speed_factor(self) -> float | None:
        """How many times as long as the reference an epoch takes here; None until measured."""
        with self._lock:
            return median(self._speeds) if self._speeds else None

    # What the dispatcher does.

    def wants_worker(self) -> bool:
        """Return whether a run or a task could begin if a worker were free."""
        with self._lock:
            return self._next_waiting() is not None or self._next_task() is not None

    def begin_next(self, worker: str) -> ActiveRun | None:
        """Give a free worker the next run: a visitor's, or one of an experiment if none waits.

        Returns None if nothing is left to begin.
        """
        with self._lock:
            active = self._next_waiting() or self._next_background()
            if active is not None:
                active.worker = worker
                active.key = f"training-{active.run.id}-{secrets.token_hex(4)}"
                active.set_status("starting", "Getting ready…")
            return active

    def preempt(self) -> None:
        """Stop one background run if a visitor's run waits; it will be continued later.

        The run with the fewest epochs is stopped, and none while another is still stopping.
        """
        with self._lock:
            background = [active for active in self._training() if active.background]
            if self._next_waiting() is None or not background:
                return
            if all(active.command == "go" for active in background):
                active = min(background, key=lambda one: one.run.last_epoch)
                active.preempted = True
                self._stop(active, "Paused for a visitor's run. It continues later.")

    def training(self) -> dict[str, str]:
        """Return the worker of every training, by the training's key."""
        with self._lock:
            return {one.key: one.worker for one in self._active.values() if one.worker}

    def record(self, key: str, event: TrainingEvent) -> None:
        """Take up what a worker reports of a training. Reports on an ended one are ignored."""
        with self._lock:
            active = next((one for one in self._training() if one.key == key), None)
            if active is None:
                return
            if active.run.status == "starting":
                stopping = active.run.message if active.command == "stop" else ""
                active.set_status("training", stopping)
            match event:
                case Point():
                    active.run = with_point(active.run, event)
                case EpochEnd():
                    self._save_epoch(active, event)
                case Outcome(ending, message):
                    self._end(active, ending, message)
                case None:
                    self._end(active, "interrupted", _worker_lost(active.run))

    def note_speed(self, speed_factor: float) -> None:
        """Take up a measured speed if no epoch has shown one yet."""
        with self._lock:
            if not self._speeds:
                self._speeds.append(speed_factor)

    def enforce_limits(self) -> dict[str, str]:
        """Stop runs that are paused too long while others wait, and runs that everyone has left.

        Returns the workers that ignore a stop, by the key of their training.
        """
        with self._lock:
            now = self._clock()
            for active in self._training():
                paused_for = now - active.commanded_at if active.command == "pause" else 0.0
                if self._waiting() and paused_for > limits.LONGEST_PAUSE:
                    self._stop(active, "Stopped: it was paused for long while others waited.")
                elif active.command == "go" and active.was_left and not active.followers(now):
                    self._stop(active, "Stopped: nobody follows this run anymore.")
            return {
                active.key: active.worker
                for active in self._training()
                if active.worker and active.ignores_stop(now)
            }

    def end(self, ending: Ending, message: str, keys: Collection[str] | None = None) -> None:
        """End the trainings with these keys; without `keys`, all runs, also those that wait."""
        with self._lock:
            for active in list(self._active.values()):
                if keys is None or active.key in keys:
                    self._end(active, ending, message)

    def end_waiting(self, ending: Ending, message: str) -> None:
        """End all visitors' runs that wait."""
        with self._lock:
            for active in self._waiting():
                self._end(active, ending, message)

    def report_background(self) -> None:
        """Call `on_end` of the tasks that ended, without the lock, and remove them."""
        with self._lock:
            ended, self._ended_tasks = self._ended_tasks, []
        for task, run in ended:
            try:
                task.on_end(run)
            except Exception:
                _log.exception("The result of run %s could not be kept", run.id)
            with self._lock:  # only now: whoever no longer finds a task here finds its result
                self._tasks = [other for other in self._tasks if other is not task]

    # Called with the lock held.

    def _training(self) -> list[ActiveRun]:
        return [active for active in self._active.values() if active.worker]

    def _waiting(self) -> list[ActiveRun]:
        """The visitors' runs without a worker, in the order in which they came."""
        return [active for active in self._active.values() if not active.worker]

    def _next_waiting(self) -> ActiveRun | None:
        """The first waiting run with an owner who has no run in training."""
        busy = {session for active in self._training() for session in active.owners}
        return next((active for active in self._waiting() if active.owners - busy), None)

    def _same(self, job: Job, parent: Parent | None, background: bool) -> ActiveRun | None:
        """The run that does this very job, unless it is paused or stopping.

        Only with `background` may it be one that keeps nothing but its last epoch's weights.
        """
        wanted = (job, parent, "go")
        runs = [active for active in self._active.values() if background or not active.background]
        return next((r for r in runs if (r.run.job, r.run.parent, r.command) == wanted), None)

    def _next_task(self) -> BackgroundTask | None:
        """The first waiting task of the owner with the fewest tasks in training."""
        training = Counter(task.owner for task in self._tasks if task.run_id)
        waiting = [task for task in self._tasks if not task.run_id]
        return min(waiting, key=lambda task: training[task.owner], default=None)

    def _next_background(self) -> ActiveRun | None:
        """A run for the next task; a task whose job another run does, or did, needs none."""
        while (task := self._next_task()) is not None:
            active = self._same(task.job, None, background=True)
            done = self._store.done(task.job, None, whole=False)
            if active is not None:
                task.run_id = active.run.id
            elif done is not None:
                self._end_task(task, done)
            else:
                run, start = self._background_start(task)
                active = ActiveRun(run, task.chosen, start, task.epoch_seconds, background=True)
                self._active[run.id] = active
                task.run_id = run.id
                return active
        return None

    def _background_start(self, task: BackgroundTask) -> tuple[Run, Checkpoint | None]:
        if task.unfinished is not None:
            try:
                return task.unfinished, self._store.checkpoint(task.unfinished)
            except RunError:
                task.unfinished = None  # its weights are gone: start from scratch
        return _new_run(task.job), None

    def _command(self, active: ActiveRun, command: Command, status: Status, message: str) -> None:
        assert active.worker is not None
        active.command = command
        active.commanded_at = self._clock()
        active.set_status(status, message)
        self._send_command(active.key, active.worker, command)

    def _stop(self, active: ActiveRun, end_message: str = "") -> None:
        active.end_message = end_message
        status: Status = "starting" if active.run.status == "starting" else "training"
        self._command(active, "stop", status, "Stopping… Finished epochs are kept.")

    def _save_epoch(self, active: ActiveRun, end: EpochEnd) -> None:
        try:
            active.run = self._store.save_epoch(active.run, end, last_only=active.background)
        except RunError as error:
            self._stop(active, f"{error} The run was stopped. The epochs saved before are kept.")
            return
        if end.epoch > 0:
            self._speeds.append(end.seconds / active.epoch_seconds)

    def _end(self, active: ActiveRun, ending: Ending, message: str) -> Run:
        run = replace(
            without_unfinished_epoch(active.run),
            status=ending,
            message=active.end_message or message,
            updated=time.time(),
        )
        try:
            self._store.save(run)
            self._store.clear(set(self._active))
        except (RunError, OSError) as error:
            _log.error("%s: %s", run.id, error)
            self._unsaved[run.id] = run
        del self._active[run.id]
        for task in [one for one in self._tasks if one.run_id == run.id]:
            task.run_id = None
            if active.background:  # being preempted, or a visitor's stop, is no fault
                task.unfinished = run if run.kept else None
                task.faults += not active.preempted
            if ending in ("done", "diverged") or task.faults >= MOST_FAULTS:
                self._end_task(task, run)
        return run

    def _end_task(self, task: BackgroundTask, run: Run) -> None:
        task.run_id = run.id
        self._ended_tasks.append((task, run))

    def _ended(self, run_id: str) -> Run:
        return self._unsaved.get(run_id) or self._store.run(run_id)

    def _give_up_waiting(self, session: str) -> None:
        """End the runs that wait for this session alone."""
        for active in self._waiting():
            if session in active.owners:
                active.leave(session)
                if not active.owners:
                    self._end(active, "stopped", "Replaced by your newer run before it began.")

    def _copied_for(self, active: ActiveRun, session: str) -> Run:
        """Remove a session from a run that others follow; returns its stopped copy of the run."""
        active.leave(session)
        copy = replace(
            active.run,
            id=new_id(),
            status="stopped",
            message="You stopped here. The run continues for the others who follow it.",
            updated=time.time(),
        )
        return self._store.save_copy(active.run, copy)


def _new_run(job: Job, message: str = "", parent: Parent | None = None) -> Run:
    now = time.time()
    return Run(new_id(), job, "queued", message, now, now, parent)


def _refuse_background(active: ActiveRun) -> None:
    if active.background:
        raise RunError(
            "This run belongs to an experiment. Cancel the experiment on the Experiments page."
        )


def _worker_lost(run: Run) -> str:
    kept = (
        f"Its epochs up to {run.last_epoch} are kept." if run.epochs else "No epoch was finished."
    )
    return (
        f"The worker that trained this run went away, perhaps because it ran out of memory. {kept}"
        " Continue the run, or try a smaller network or fewer images."
    )
