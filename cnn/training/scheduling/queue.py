"""The queue of runs: which wait, which train, who follows them, and how each of them ends.

One object with one lock. Every method takes the lock, and nothing else changes an `ActiveRun`.
"""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf
from statistics import median

from cnn.arrays import Array
from cnn.data.split import ChosenData
from cnn.storage import new_id
from cnn.training.events import Checkpoint, Command, Ending, EpochEnd, Outcome, Point
from cnn.training.job import Job
from cnn.training.run import Parent, Run, RunError, Status, with_point, without_unfinished_epoch
from cnn.training.scheduling import limits, queued
from cnn.training.scheduling.background import BackgroundStatus, BackgroundTask, BackgroundTasks
from cnn.training.scheduling.queued import ActiveRun, QueuePosition, Standing, Waiting
from cnn.training.scheduling.turns import Claim, WorkerTime, forecast, must_yield, next_turns
from cnn.training.store import RunStore

TrainingEvent = Point | EpochEnd | Outcome | None
"""What a worker reports of a run; None: it no longer works on the run, for whatever reason."""

SendCommand = Callable[[str, str, Command], None]
"""Sends a worker (its address comes second) a command for a training (its key comes first), and
returns at once."""

_SPEEDS = 99
"""Epochs whose speed is remembered."""

_FORECAST = 5.0
"""Seconds for which a forecast is good enough, if nothing begins or ends meanwhile."""

_log = logging.getLogger(__name__)


class RunQueue:
    """The runs that have not ended, and the tasks in the background.

    People are named by a digest of the browser's cookie, owners are experiments. While others wait,
    a run may train for `slot` seconds at a time. `clock` counts seconds.
    """

    def __init__(
        self,
        store: RunStore,
        send_command: SendCommand,
        clock: Callable[[], float] = time.monotonic,
        slot: float = limits.SLOT,
    ) -> None:
        self._lock = threading.RLock()
        self._store = store
        self._send_command = send_command
        self._clock = clock
        self._active: dict[str, ActiveRun] = {}
        self._tasks = BackgroundTasks()
        self._unsaved: dict[str, Run] = {}
        self._speeds: deque[float] = deque(maxlen=_SPEEDS)
        self._time = WorkerTime(slot)
        self._charged = clock()
        self._seen: dict[str, float] = {}
        self._forecast: tuple[float, frozenset[str], dict[str, float]] = (-inf, frozenset(), {})

    # What visitors and experiments ask for.

    def submit(
        self,
        job: Job,
        chosen: ChosenData,
        person: str,
        parent: Parent | None = None,
        start: Checkpoint | None = None,
        history: Run | None = None,
    ) -> Run:
        """Return the run that does this job from this start; queue a new one if there is none.

        A new run belongs to the person and begins with the epochs of `history`. Raises RunError and
        NetworkError: see `Engine.submit`.
        """
        seconds = limits.seconds_per_epoch(job, chosen)
        with self._lock:
            self._charge()
            self._seen[person] = self._charged
            done = self._store.done(job, parent)
            if done is not None:
                return done
            active = self._same(job, parent, background=False)
            if active is None:
                self._check_room(person)
                run = _new_run(job, "Waiting for its turn.", parent, person)
                if history is None:
                    self._store.save(run)
                else:
                    run = self._store.save_copy(history, run)
                active = ActiveRun(run, chosen, start, seconds, since=self._charged)
                self._give_up_waiting(person)
                self._active[active.run.id] = active
            elif active.worker is None and person not in active.followers:
                self._give_up_waiting(person)
            if person not in active.followers:
                active.followers.append(person)
            return active.run

    def present(self, person: str, address: str | None = None) -> None:
        """Note that a person looks at a page now, and the network address they come from."""
        with self._lock:
            self._seen[person] = self._clock()
            if address is not None:
                self._time.note_address(person, address)

    def run(self, run_id: str) -> Run:
        """Return a run as it is now. Raises RunError if there is no such run."""
        with self._lock:
            active = self._active.get(run_id)
            return active.run if active is not None else self._ended(run_id)

    def position(self, run_id: str) -> QueuePosition | None:
        """Return where a run is in the queue; None if it does not wait."""
        with self._lock:
            active = self._active.get(run_id)
            if active is None or active not in self._waiting():
                return None
            training = self._claims(self._training())
            begins = self._begins()
            position = list(begins).index(run_id) + 1 if run_id in begins else len(begins) + 1
            seconds = begins.get(run_id, max(begins.values(), default=0.0))
            busy = frozenset[str]().union(*(claim.people for claim in training))
            after_own = self._claim(active).people <= busy
            return QueuePosition(position, seconds, len(training), after_own)

    def waiting(self, person: str) -> Waiting:
        """Return what a person has in the queue."""
        with self._lock:
            mine = [one for one in self._without_worker() if person in one.followers]
            begun = sum(active.begun for active in mine)
            return Waiting(replaceable=begun < len(mine), others=begun)

    def standing(self, run_id: str, person: str) -> Standing:
        """Return what a person may do with a run; nothing if it has ended."""
        with self._lock:
            active = self._active.get(run_id)
            if active is None:
                return Standing()
            others = [one for one in active.followers if one != person]
            owner, follower = active.run.owner == person, person in active.followers
            return Standing(owner, follower, len(others), any(map(self._present, others)))

    def stop(self, run_id: str, person: str) -> Run:
        """End a run for a person; returns the run that is left to them.

        Where others follow the run it goes on, and belongs to the one of them who came first; the
        person gets a copy of the epochs so far. Raises RunError unless the person follows the run.
        """
        with self._lock:
            active = self._active.get(run_id)
            if active is None:
                return self._ended(run_id)
            _refuse_background(active)
            if person not in active.followers:
                raise RunError("Only those who started this run can stop it.")
            if len(active.followers) > 1:
                return self._copied_for(active, person)
            if active.worker is None:
                message = "You stopped this run. Finished epochs are kept."
                unbegun = "You canceled this run before it began."
                return self._end(active, "stopped", message if active.begun else unbegun)
            self._stop(active)
            return active.run

    def pause(self, run_id: str, person: str) -> Run:
        """Hold a run where it is.

        Raises RunError unless it is training, belongs to the person, and nobody else watches it.
        """
        with self._lock:
            active = self._active.get(run_id)
            if active is None or active.run.status != "training" or active.command == "stop":
                raise RunError("Only a run that is training can be paused.")
            _refuse_background(active)
            _check_owner(active, person)
            if any(self._present(one) for one in active.followers if one != person):
                raise RunError(
                    "Others follow this run too, so you cannot pause it. Stop it to keep your own copy of the epochs so far."
                )
            active.paused = True
            self._command(active, "pause", "paused", "Paused")
            return active.run

    def resume(self, run_id: str, person: str) -> Run:
        """Continue a paused run. Raises RunError if it is not paused or not the person's."""
        with self._lock:
            active = self._active.get(run_id)
            if active is None or not active.paused:
                raise RunError("Only a paused run can be resumed.")
            _check_owner(active, person)
            active.paused = False
            if active.worker is None:
                active.since = self._clock()
                active.set_status("queued", "Waiting for its turn to continue.")
            elif active.command == "pause":
                self._command(active, "go", "training", "")
            else:  # its worker is about to be given to others
                active.set_status("training", "")
            return active.run

    def submit_background(self, owner: str, tasks: Sequence[BackgroundTask]) -> None:
        """Have trainings done while no visitor waits, as many at once as there are workers.

        A visitor's run preempts a run in training, which later continues after its last whole epoch.
        Only the last epoch's weights are kept. Owners share the workers equally. Raises RunError if
        too many tasks would wait.
        """
        with self._lock:
            self._tasks.add(owner, tasks)

    def cancel_background(self, owner: str) -> None:
        """Remove an owner's tasks and stop those of their runs that no other owner needs."""
        with self._lock:
            for run_id in self._tasks.cancel(owner):
                active = self._active.get(run_id)
                if active is None or not active.background:
                    continue
                message = "You canceled its experiment."
                if active.worker is None:
                    self._end(active, "stopped", message)
                elif active.command != "stop" or active.preempted:
                    self._stop(active, message)

    def background(self, owner: str) -> BackgroundStatus:
        """Return what an owner has in the background."""
        with self._lock:
            tasks = self._tasks.of(owner)
            active = [self._active.get(task.run_id or "") for task in tasks if not task.waits]
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
            return bool(self._ready()) or self._tasks.next() is not None

    def begin_next(self, worker: str) -> ActiveRun | None:
        """Give a free worker the next run: a visitor's, or one of an experiment if none waits.

        Returns None if nothing is left to begin.
        """
        with self._lock:
            self._charge()
            ready = self._ready()
            active = self._active[ready[0].run] if ready else self._next_background()
            if active is not None:
                self._set_start(active)
                active.worker = worker
                active.key = f"training-{active.run.id}-{secrets.token_hex(4)}"
                active.begun = True
                active.since = active.reported = self._charged
                active.set_status("starting", "Getting ready…")
            return active

    def preempt(self) -> None:
        """Have a run give its worker to one that waits; it will be continued later.

        A run of an experiment gives way at once, the one with the fewest epochs first; one that is
        paused, after a while; one that trains, at the end of an epoch once its slot is over.
        """
        with self._lock:
            self._charge()
            ready, training, now = self._ready(), self._training(), self._charged
            leaving = [one for one in training if one.command in ("stop", "yield")]
            if len(ready) <= len(leaving):
                return
            background = [one for one in training if one.background and one not in leaving]
            idle = [
                one
                for one in training
                if one.command == "pause"
                and (
                    now - one.commanded > limits.LONGEST_PAUSE
                    or now - one.since > self._time.slot + limits.LONGEST_PAUSE
                )
            ]
            at_work = [one for one in training if one.command == "go"]
            if background:
                active = min(background, key=lambda one: one.run.last_epoch)
                self._stop(active)
                active.preempted = True
            elif idle:
                self._command(idle[0], "stop", "paused", idle[0].run.message)
                idle[0].preempted = True
            elif last := must_yield(self._claims(at_work), ready[len(leaving)], self._time, now):
                active = self._active[last.run]
                self._command(active, "yield", active.run.status, active.run.message)
                active.preempted = True

    def training(self) -> dict[str, str]:
        """Return the worker of every training, by the training's key."""
        with self._lock:
            return {one.key: one.worker for one in self._active.values() if one.worker}

    def record(self, key: str, event: TrainingEvent) -> None:
        """Take up what a worker reports of a training. Reports on an ended one are ignored."""
        with self._lock:
            self._charge()
            active = next((one for one in self._training() if one.key == key), None)
            if active is None:
                return
            if event is not None:
                active.reported = self._charged
                if active.run.status == "starting":
                    stopping = active.run.message if active.command == "stop" else ""
                    active.set_status("training", stopping)
            match event:
                case Point():
                    active.run = with_point(active.run, event)
                case EpochEnd():
                    self._save_epoch(active, event)
                case _:
                    self._training_over(active, event)

    def note_speed(self, speed_factor: float) -> None:
        """Take up a measured speed if no epoch has shown one yet."""
        with self._lock:
            if not self._speeds:
                self._speeds.append(speed_factor)

    def enforce_limits(self) -> dict[str, str]:
        """End runs that nobody has looked at for long while others waited.

        Returns the workers that ignore a stop or are stuck, by the key of their training. They have
        to be replaced, and then `record` told that they have gone.
        """
        with self._lock:
            self._charge()
            now, speed = self._charged, self.speed_factor or 1.0
            waited_for = any(claim.present for claim in self._claims(self._waiting()))
            for active in [one for one in self._active.values() if not one.background]:
                left_at = max(self._seen.get(one, active.since) for one in active.followers)
                absent = now - left_at > limits.LONGEST_ABSENCE
                if absent and (waited_for or active.paused) and active.command != "stop":
                    message = (
                        "Stopped: nobody has looked at this run for long. Finished epochs are kept."
                    )
                    if active.worker is None:
                        self._end(active, "stopped", message)
                    else:
                        self._stop(active, message)
            self._forget(now)
            return {
                active.key: active.worker
                for active in self._training()
                if active.worker and (active.ignores_stop(now) or active.is_stuck(now, speed))
            }

    def end(self, ending: Ending, message: str) -> None:
        """End all runs, also those that wait."""
        with self._lock:
            for active in list(self._active.values()):
                self._end(active, ending, message)

    def end_waiting(self, ending: Ending, message: str) -> None:
        """End all visitors' runs that wait."""
        with self._lock:
            for active in self._waiting():
                self._end(active, ending, message)

    def report_background(self) -> None:
        """Call `on_end` of the tasks that ended, without the lock, and remove them."""
        with self._lock:
            ended = self._tasks.take_ended()
        for task, run in ended:
            try:
                task.on_end(run)
            except Exception:
                _log.exception("The result of run %s could not be kept", run.id)
            with self._lock:  # only now: whoever no longer finds a task here finds its result
                self._tasks.remove(task)

    def save_unsaved(self) -> None:
        """Write the records of the runs that ended while nothing could be written."""
        with self._lock:
            for run in list(self._unsaved.values()):
                try:
                    self._store.save(run)
                except RunError:
                    return
                del self._unsaved[run.id]

    # Called with the lock held.

    def _charge(self) -> None:
        """Charge the people whose runs have a worker with the time that has passed."""
        now = self._clock()
        for active in self._training():
            if not active.background:
                self._time.charge(active.followers, now - self._charged, now)
        self._charged = now

    def _forget(self, now: float) -> None:
        """Forget people without a run who have not been here for long."""
        needed = {person for active in self._active.values() for person in active.followers}
        self._time.forget(needed, now)
        self._seen = {
            person: at
            for person, at in self._seen.items()
            if person in needed or now - at <= limits.LONGEST_ABSENCE
        }

    def _training(self) -> list[ActiveRun]:
        return [active for active in self._active.values() if active.worker]

    def _without_worker(self) -> list[ActiveRun]:
        runs = self._active.values()
        return [active for active in runs if not active.worker and not active.background]

    def _waiting(self) -> list[ActiveRun]:
        """The visitors' runs that need a worker."""
        return [active for active in self._without_worker() if not active.paused]

    def _ready(self) -> list[Claim]:
        """The visitors' runs that may have a worker, the next one first."""
        waiting, training = self._claims(self._waiting()), self._claims(self._training())
        return next_turns(waiting, training, self._time, self._clock())

    def _claims(self, runs: list[ActiveRun]) -> list[Claim]:
        return [self._claim(active) for active in runs if not active.background]

    def _claim(self, active: ActiveRun) -> Claim:
        present = [one for one in active.followers if self._present(one)]
        speed = self.speed_factor or 1.0
        return Claim(
            active.run.id,
            frozenset(present or active.followers),
            bool(present),
            active.since,
            active.seconds_left(speed),
            active.seconds_per_epoch(speed),
        )

    def _present(self, person: str) -> bool:
        return self._clock() - self._seen.get(person, -inf) <= queued.PRESENT

    def _begins(self) -> dict[str, float]:
        """The seconds until each waiting run begins, in that order."""
        now, at_work = self._clock(), self._training()
        at, runs, begins = self._forecast
        state = frozenset(
            f"{one.run.id} {one.worker} {one.paused}" for one in self._active.values()
        )
        if state != runs or now - at > _FORECAST:
            waiting, training = self._claims(self._waiting()), self._claims(at_work)
            begins = forecast(waiting, training, max(1, len(at_work)), self._time, now)
            self._forecast = at, _, begins = now, state, begins
        return {run_id: max(0.0, seconds - (now - at)) for run_id, seconds in begins.items()}

    def _check_room(self, person: str) -> None:
        """Raise RunError if a person's new run would be beyond the limits of the queue."""
        mine = self.waiting(person)
        if mine.others >= limits.MOST_WAITING:
            raise RunError(
                f"You have {mine.others} runs waiting. The limit is {limits.MOST_WAITING}. Stop one of them, or wait until one is done."
            )
        waiting = [one for one in self._without_worker() if one.begun or one.followers != [person]]
        room = limits.LONGEST_QUEUE - len(waiting)
        if room <= 0:
            raise RunError(
                f"The queue is full: {limits.LONGEST_QUEUE} runs are waiting. Try again in a few minutes."
            )
        address = self._time.address(person)
        near = sum(self._time.address(one.run.owner) == address for one in waiting)
        if near >= limits.ADDRESS_SHARE * room:
            raise RunError(
                f"{near} runs from your network are waiting. The rest of the queue is for others. Try again in a few minutes."
            )

    def _same(self, job: Job, parent: Parent | None, background: bool) -> ActiveRun | None:
        """The run that does this very job, unless it is paused or stopping.

        Only with `background` may it be one that keeps nothing but its last epoch's weights.
        """
        for active in self._active.values():
            usable = background or not active.background
            going = not active.paused and active.command in ("go", "yield")
            if usable and going and (active.run.job, active.run.parent) == (job, parent):
                return active
        return None

    def _next_background(self) -> ActiveRun | None:
        """A run for the next task; a task whose job another run does, or did, needs none."""
        while (task := self._tasks.next()) is not None:
            active = self._same(task.job, None, background=True)
            done = self._store.done(task.job, None, whole=False)
            if task.run_id is not None:  # it was preempted
                active = self._active[task.run_id]
            elif active is None and done is not None:
                self._tasks.end(task, done)
                continue
            elif active is None:
                run, now = _new_run(task.job), self._clock()
                active = ActiveRun(run, task.chosen, None, task.epoch_seconds, now, background=True)
                self._active[run.id] = active
            self._tasks.assign(task, active.run.id)
            if active.background and active.worker is None:
                return active
        return None

    def _set_start(self, active: ActiveRun) -> None:
        """Have a run that has whole epochs go on after them."""
        if active.run.epochs:
            try:
                active.start = self._store.checkpoint(active.run)
            except RunError:  # its weights are gone: the same numbers come from the start
                active.run = replace(active.run, points=(), epochs=(), kept=())

    def _command(self, active: ActiveRun, command: Command, status: Status, message: str) -> None:
        assert active.worker is not None
        active.command = command
        active.commanded = active.reported = self._clock()
        active.preempted = False
        active.set_status(status, message)
        self._send_command(active.key, active.worker, command)

    def _stop(self, active: ActiveRun, end_message: str = "") -> None:
        active.paused = False
        active.end_message = end_message
        status: Status = "starting" if active.run.status == "starting" else "training"
        self._command(active, "stop", status, "Stopping… Finished epochs are kept.")

    def _save_epoch(self, active: ActiveRun, end: EpochEnd) -> None:
        try:
            active.run = self._store.save_epoch(active.run, end, last_only=active.background)
        except RunError as error:
            self._stop(active, f"{error} The run was stopped. The epochs saved before are kept.")
            return
        active.faults = 0
        if end.epoch > 0:
            self._speeds.append(end.seconds / active.epoch_seconds)

    def _training_over(self, active: ActiveRun, outcome: Outcome | None) -> None:
        """End or continue a run whose training has ended, or whose worker has gone (None)."""
        if active.preempted and (outcome is None or outcome.ending == "stopped"):
            self._requeue(active, f"{self._why(active)} {_continues(active.run)}")
        elif outcome is None and active.command != "stop":
            self._broke_off(active, "interrupted", _worker_lost(active.run))
        elif outcome is None:
            self._end(active, "stopped", "Stopped by force. Finished epochs are kept.")
        elif active.background and outcome.ending == "failed":
            self._broke_off(active, outcome.ending, outcome.message)
        else:
            self._end(active, outcome.ending, outcome.message)

    def _why(self, active: ActiveRun) -> str:
        """Why a run gave its worker to another."""
        if active.background:
            return "A visitor's run goes first."
        if active.paused:
            return "Paused. Others waited, so they have its worker now."
        if not self._claim(active).present:
            return "It gave way to others because nobody was looking at it."
        return f"It gave way to others after its {self._time.slot / 60:.2g} minutes."

    def _broke_off(self, active: ActiveRun, ending: Ending, message: str) -> None:
        """Have another worker continue a run, unless too many have failed at it."""
        silent = self._clock() - active.reported
        self._time.charge(active.followers, -silent, self._clock())  # it was not their doing
        active.faults += 1
        if active.faults >= queued.MOST_FAULTS:
            self._end(active, ending, message)
        else:
            self._requeue(
                active, f"Its worker stopped responding and is replaced. {_continues(active.run)}"
            )

    def _requeue(self, active: ActiveRun, message: str) -> None:
        active.run = without_unfinished_epoch(active.run)
        active.worker, active.key, active.command = None, "", "go"
        active.preempted, active.since = False, self._clock()
        active.set_status("paused" if active.paused else "queued", message)
        if active.background:
            self._tasks.preempted(active.run.id)

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
        # A visitor's run that was stopped leaves its tasks to be done.
        self._tasks.run_ended(run, active.background or ending in ("done", "diverged"))
        return run

    def _ended(self, run_id: str) -> Run:
        return self._unsaved.get(run_id) or self._store.run(run_id)

    def _give_up_waiting(self, person: str) -> None:
        """End the run that waits to begin for this person alone."""
        for active in self._waiting():
            if person in active.followers and not active.begun:
                self._leave(active, person)
                if not active.followers:
                    self._end(active, "stopped", "Replaced by your newer run before it began.")

    def _leave(self, active: ActiveRun, person: str) -> None:
        """Remove a person from a run, which then belongs to the one who has followed it longest."""
        active.followers.remove(person)
        if active.followers:
            active.run = replace(active.run, owner=active.followers[0])

    def _copied_for(self, active: ActiveRun, person: str) -> Run:
        """Remove a person from a run that others follow; returns their stopped copy of the run."""
        self._leave(active, person)
        copy = replace(
            active.run,
            id=new_id(),
            status="stopped",
            message="You stopped here. The run continues for the others who follow it.",
            updated=time.time(),
            owner=person,
        )
        return self._store.save_copy(active.run, copy)


def _new_run(job: Job, message: str = "", parent: Parent | None = None, owner: str = "") -> Run:
    now = time.time()
    return Run(new_id(), job, "queued", message, now, now, parent, owner=owner)


def _check_owner(active: ActiveRun, person: str) -> None:
    if active.run.owner != person:
        raise RunError("Only the person who started this run can pause or resume it.")


def _refuse_background(active: ActiveRun) -> None:
    if active.background:
        raise RunError(
            "This run belongs to an experiment. Cancel the experiment on the Experiments page."
        )


def _continues(run: Run) -> str:
    return f"It continues after epoch {run.last_epoch}." if run.epochs else "It starts again."


def _worker_lost(run: Run) -> str:
    kept = (
        f"Its epochs up to {run.last_epoch} are kept." if run.epochs else "No epoch was finished."
    )
    return (
        f"The workers that trained this run went away or stopped responding, {queued.MOST_FAULTS}"
        f" times in a row, perhaps because they ran out of memory. {kept}"
        " Continue the run, or try a smaller network or fewer images."
    )
