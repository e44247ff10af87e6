"""What workers do with runs: how a training begins, gives way, reports, is given up, and ends."""

import logging
import secrets
from collections.abc import Callable

from cnn.training.events import Command, Ending, EpochEnd, Outcome, Point
from cnn.training.run import Run, RunError, Status, with_point
from cnn.training.scheduling import limits
from cnn.training.scheduling.active_runs import ActiveRun, ActiveRuns, new_run
from cnn.training.scheduling.people import People
from cnn.training.scheduling.turns import must_yield

TrainingEvent = Point | EpochEnd | Outcome | None
"""What a worker reports of a run; None: it no longer works on the run, for whatever reason."""

SendCommand = Callable[[str, str, Command], None]
"""Sends a worker (its address comes second) a command for a training (its key comes first), and
returns at once."""

MOST_FAULTS = 3
"""How often a run may lose its worker, or get stuck, without a whole epoch in between."""

_log = logging.getLogger(__name__)


class Trainings:
    """Brings runs from one state to the next as the dispatcher asks; takes the lock of `runs`.

    A training is named by a key: a run that changes its worker has several, one after another.
    """

    def __init__(self, runs: ActiveRuns, people: People, send_command: SendCommand) -> None:
        self._runs = runs
        self._people = people
        self._send_command = send_command
        self._lock = runs.lock

    def wants_worker(self) -> bool:
        """Return whether a run or a task could begin if a worker were free."""
        with self._lock:
            return bool(self._people.ready()) or self._runs.tasks.next() is not None

    def begin_next(self, worker: str) -> ActiveRun | None:
        """Give a free worker the next run: a visitor's, or one of an experiment if none waits.

        Returns None if nothing is left to begin.
        """
        with self._lock:
            now, ready = self._people.charge(), self._people.ready()
            active = self._runs.by_id[ready[0].run] if ready else self._next_background()
            if active is not None:
                self._runs.set_start(active)
                active.worker = worker
                active.key = f"training-{active.run.id}-{secrets.token_hex(4)}"
                active.begun = True
                active.since = active.reported = now
                active.set_status("starting", "Getting ready…")
            return active

    def preempt(self) -> None:
        """Have a run give its worker to one that waits; it will be continued later.

        A run of an experiment gives way at once, the one with the fewest epochs first; one that is
        paused, after a while; one that trains, at the end of an epoch once its slot is over.
        """
        with self._lock:
            now, ready, time = self._people.charge(), self._people.ready(), self._people.time
            training = self._runs.training()
            leaving = [one for one in training if one.command in ("stop", "yield")]
            if len(ready) <= len(leaving):
                return
            background = [one for one in training if one.background and one not in leaving]
            longest = now - limits.LONGEST_PAUSE
            idle = [
                one
                for one in training
                if one.command == "pause" and min(one.commanded, one.since + time.slot) < longest
            ]
            at_work = self._people.claims([one for one in training if one.command == "go"])
            if background:
                active = min(background, key=lambda one: one.run.last_epoch)
                self.stop(active)
            elif idle:
                active = idle[0]
                self.command(active, "stop", "paused", active.run.message)
            elif last := must_yield(at_work, ready[len(leaving)], time, now):
                active = self._runs.by_id[last.run]
                self.command(active, "yield", active.run.status, active.run.message)
            else:
                return
            active.preempted = True

    def workers(self) -> dict[str, str]:
        """Return the worker of every training, by the training's key."""
        with self._lock:
            return {one.key: one.worker for one in self._runs.training() if one.worker}

    def record(self, key: str, event: TrainingEvent) -> None:
        """Take up what a worker reports of a training. Reports on an ended one are ignored."""
        with self._lock:
            now = self._people.charge()
            active = next((one for one in self._runs.training() if one.key == key), None)
            if active is None:
                return
            if event is not None:
                active.reported = now
                if active.run.status == "starting":
                    stopping = active.run.message if active.command == "stop" else ""
                    active.set_status("training", stopping)
            match event:
                case Point():
                    active.run = with_point(active.run, event)
                case EpochEnd():
                    try:
                        self._runs.save_epoch(active, event)
                    except RunError as error:
                        kept = "The run was stopped. The epochs saved before are kept."
                        self.stop(active, f"{error} {kept}")
                case _:
                    self._over(active, event)

    def note_speed(self, speed_factor: float) -> None:
        """Take up a measured speed if no epoch has shown one yet."""
        with self._lock:
            if not self._runs.speeds:
                self._runs.speeds.append(speed_factor)

    def enforce_limits(self) -> dict[str, str]:
        """End runs that nobody has looked at for long while others waited; save what could not be saved.

        Returns the workers that ignore a stop or are stuck, by the key of their training. They have
        to be replaced, and then `record` told that they have gone.
        """
        with self._lock:
            now, speed = self._people.charge(), self._runs.speed_factor or 1.0
            waited_for = any(one.present for one in self._people.claims(self._runs.waiting()))
            for active in [one for one in self._runs.by_id.values() if not one.background]:
                absent = now - self._people.left_at(active) > limits.LONGEST_ABSENCE
                if absent and (waited_for or active.paused) and active.command != "stop":
                    message = (
                        "Stopped: nobody has looked at this run for long. Finished epochs are kept."
                    )
                    if active.worker is None:
                        self._runs.end(active, "stopped", message)
                    else:
                        self.stop(active, message)
            self._people.forget()
            self._runs.save_unsaved()
            return {
                active.key: active.worker
                for active in self._runs.training()
                if active.worker and (active.ignores_stop(now) or active.is_stuck(now, speed))
            }

    def end(self, ending: Ending, message: str) -> None:
        """End all runs, also those that wait."""
        with self._lock:
            for active in list(self._runs.by_id.values()):
                self._runs.end(active, ending, message)

    def end_waiting(self, ending: Ending, message: str) -> None:
        """End all visitors' runs that wait."""
        with self._lock:
            for active in self._runs.waiting():
                self._runs.end(active, ending, message)

    def report_background(self) -> None:
        """Call `on_end` of the tasks that ended, without the lock, and remove them."""
        with self._lock:
            ended = self._runs.tasks.take_ended()
        for task, run in ended:
            try:
                task.on_end(run)
            except Exception:
                _log.exception("The result of run %s could not be kept", run.id)
            with self._lock:  # only now: whoever no longer finds a task here finds its result
                self._runs.tasks.remove(task)

    # Called with the lock held.

    def command(self, active: ActiveRun, command: Command, status: Status, message: str) -> None:
        """Tell the worker of a run what to do, and the run's people its status."""
        assert active.worker is not None
        active.command = command
        active.commanded = active.reported = self._runs.clock()
        active.preempted = False
        active.set_status(status, message)
        self._send_command(active.key, active.worker, command)

    def stop(self, active: ActiveRun, end_message: str = "") -> None:
        """Tell the worker of a run to stop, after which the run ends."""
        active.paused = False
        active.end_message = end_message
        status: Status = "starting" if active.run.status == "starting" else "training"
        self.command(active, "stop", status, "Stopping… Finished epochs are kept.")

    def _next_background(self) -> ActiveRun | None:
        """A run for the next task; a task whose job another run does, or did, needs none."""
        runs = self._runs
        while (task := runs.tasks.next()) is not None:
            active = runs.same(task.job, None, background=True)
            done = runs.store.done(task.job, None, whole=False)
            if task.run_id is not None:  # it was preempted
                active = runs.by_id[task.run_id]
            elif active is None and done is not None:
                runs.tasks.end(task, done)
                continue
            elif active is None:
                run, now = new_run(task.job), runs.clock()
                active = ActiveRun(run, task.chosen, None, task.epoch_seconds, now, background=True)
                runs.by_id[run.id] = active
            runs.tasks.assign(task, active.run.id)
            if active.background and active.worker is None:
                return active
        return None

    def _over(self, active: ActiveRun, outcome: Outcome | None) -> None:
        """End or continue a run whose training has ended, or whose worker has gone (None)."""
        if active.preempted and (outcome is None or outcome.ending == "stopped"):
            self._requeue(active, self._why(active))
        elif outcome is None and active.command != "stop":
            self._broke_off(active, "interrupted", _worker_lost(active.run))
        elif outcome is None:
            self._runs.end(active, "stopped", "Stopped by force. Finished epochs are kept.")
        elif active.background and outcome.ending == "failed":
            self._broke_off(active, outcome.ending, outcome.message)
        else:
            self._runs.end(active, outcome.ending, outcome.message)

    def _why(self, active: ActiveRun) -> str:
        """Why a run gave its worker to another."""
        if active.background:
            return "A visitor's run goes first."
        if active.paused:
            return "Paused. Others waited, so they have its worker now."
        if not self._people.claim(active).present:
            return "It gave way to others because nobody was looking at it."
        return f"It gave way to others after its {self._people.time.slot / 60:.2g} minutes."

    def _broke_off(self, active: ActiveRun, ending: Ending, message: str) -> None:
        """Have another worker continue a run, unless too many have failed at it."""
        now = self._runs.clock()
        self._people.time.charge(active.followers, active.reported - now, now)  # not their doing
        active.faults += 1
        if active.faults >= MOST_FAULTS:
            self._runs.end(active, ending, message)
        else:
            self._requeue(active, "Its worker stopped responding and is replaced.")

    def _requeue(self, active: ActiveRun, why: str) -> None:
        active.requeue(why, self._runs.clock())
        if active.background:
            self._runs.tasks.preempted(active.run.id)


def _worker_lost(run: Run) -> str:
    kept = (
        f"Its epochs up to {run.last_epoch} are kept." if run.epochs else "No epoch was finished."
    )
    return (
        f"The workers that trained this run went away or stopped responding, {MOST_FAULTS}"
        f" times in a row, perhaps because they ran out of memory. {kept}"
        " Continue the run, or try a smaller network or fewer images."
    )
