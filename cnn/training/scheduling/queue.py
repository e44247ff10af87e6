"""The queue of runs: what visitors and experiments ask for, and what they are told.

What comes in and goes out are plain values, never an `ActiveRun`.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from cnn.arrays import Array
from cnn.data.split import ChosenData
from cnn.storage import new_id
from cnn.training.events import Checkpoint
from cnn.training.job import Job
from cnn.training.run import Parent, Run, RunError
from cnn.training.scheduling import limits
from cnn.training.scheduling.active_runs import ActiveRun, ActiveRuns, Images, new_run
from cnn.training.scheduling.background import BackgroundStatus, BackgroundTask
from cnn.training.scheduling.people import People
from cnn.training.scheduling.trainings import SendCommand, Trainings
from cnn.training.scheduling.turns import forecast
from cnn.training.store import RunStore

_FORECAST = 5.0
"""Seconds for which a forecast is good enough, if nothing begins or ends meanwhile."""


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


class RunQueue:
    """The runs that have not ended, and the tasks in the background. Every method takes the lock.

    People are named by a digest of the browser's cookie, owners are experiments. While others wait,
    a run may train for `slot` seconds at a time. `clock` counts seconds. `trainings` is what the
    dispatcher works with.
    """

    def __init__(
        self,
        store: RunStore,
        send_command: SendCommand,
        clock: Callable[[], float] = time.monotonic,
        slot: float = limits.SLOT,
    ) -> None:
        self._runs = ActiveRuns(store, clock)
        self._people = People(self._runs, slot)
        self.trainings = Trainings(self._runs, self._people, send_command)
        self._store = store
        self._lock = self._runs.lock
        self._forecast: tuple[float, frozenset[str], dict[str, float]] = (-inf, frozenset(), {})

    def submit(
        self,
        job: Job,
        chosen: ChosenData,
        person: str,
        parent: Parent | None = None,
        start: Checkpoint | None = None,
    ) -> Run:
        """Return the run that does this job, whose images are `chosen`; queue one if there is none.

        A new run belongs to the person. It begins at `start`, or with the epochs of its parent.
        Raises RunError and NetworkError: see `Engine.submit`.
        """
        seconds = limits.seconds_per_epoch(job, chosen)
        with self._lock:
            now = self._people.charge()
            self._people.note(person)
            done = self._store.done(job, parent)
            if done is not None:
                return done
            active = self._runs.same(job, parent, background=False)
            if active is None:
                self._check_room(person)
                run = new_run(job, "Waiting for its turn.", parent, person)
                if parent is None or start is not None:
                    self._store.save(run)
                else:
                    run = self._store.save_copy(self._runs.ended(parent.run), run)
                active = ActiveRun(run, chosen, start, seconds, since=now)
                self._give_up_waiting(person)
                self._runs.by_id[active.run.id] = active
            elif active.worker is None and person not in active.followers:
                self._give_up_waiting(person)
            if person not in active.followers:
                active.followers.append(person)
            return active.run

    def take_over(self, images: Images | None) -> None:
        """Queue the runs that a process before this one left unfinished: see `ActiveRuns.take_over`."""
        with self._lock:
            self._runs.take_over(images)

    def live(self) -> list[Run]:
        """Return the runs that have not ended, the ones that train first."""
        with self._lock:
            runs = sorted(
                self._runs.by_id.values(), key=lambda one: (one.worker is None, one.since)
            )
            return [active.run for active in runs]

    def present(self, person: str, address: str | None = None) -> None:
        """Note that a person looks at a page now, and the network address they come from."""
        with self._lock:
            self._people.note(person)
            if address is not None:
                self._people.time.note_address(person, address)

    def run(self, run_id: str) -> Run:
        """Return a run as it is now. Raises RunError if there is no such run."""
        with self._lock:
            active = self._runs.by_id.get(run_id)
            return active.run if active is not None else self._runs.ended(run_id)

    def position(self, run_id: str) -> QueuePosition | None:
        """Return where a run is in the queue; None if it does not wait."""
        with self._lock:
            active = self._runs.by_id.get(run_id)
            if active is None or active not in self._runs.waiting():
                return None
            training = self._people.claims(self._runs.training())
            begins = self._begins()
            position = list(begins).index(run_id) + 1 if run_id in begins else len(begins) + 1
            seconds = begins.get(run_id, max(begins.values(), default=0.0))
            busy = frozenset[str]().union(*(claim.people for claim in training))
            after_own = self._people.claim(active).people <= busy
            return QueuePosition(position, seconds, len(training), after_own)

    def waiting(self, person: str) -> Waiting:
        """Return what a person has in the queue."""
        with self._lock:
            mine = [one for one in self._runs.without_worker() if person in one.followers]
            begun = sum(active.begun for active in mine)
            return Waiting(replaceable=begun < len(mine), others=begun)

    def standing(self, run_id: str, person: str) -> Standing:
        """Return what a person may do with a run; nothing if it has ended."""
        with self._lock:
            active = self._runs.by_id.get(run_id)
            if active is None:
                return Standing()
            others = [one for one in active.followers if one != person]
            owner, follower = active.run.owner == person, person in active.followers
            return Standing(owner, follower, len(others), any(map(self._people.present, others)))

    def stop(self, run_id: str, person: str) -> Run:
        """End a run for a person; returns the run that is left to them.

        Where others follow the run it goes on, and belongs to the one of them who came first; the
        person gets a copy of the epochs so far. Raises RunError unless the person follows the run.
        """
        with self._lock:
            active = self._runs.by_id.get(run_id)
            if active is None:
                return self._runs.ended(run_id)
            _refuse_background(active)
            if person not in active.followers:
                raise RunError("Only those who started this run can stop it.")
            if len(active.followers) > 1:
                return self._copied_for(active, person)
            if active.worker is None:
                message = "Stopped. Finished epochs are kept."
                unbegun = "Canceled before it began."
                return self._runs.end(active, "stopped", message if active.begun else unbegun)
            self.trainings.stop(active)
            return active.run

    def pause(self, run_id: str, person: str, others: Collection[str] = ()) -> Run:
        """Hold a run where it is.

        Raises RunError unless it is training, belongs to the person, and nobody else watches it but
        these `others`, for whom it is held, too.
        """
        with self._lock:
            active = self._runs.by_id.get(run_id)
            if active is None or active.run.status != "training" or active.command == "stop":
                raise RunError("Only a run that is training can be paused.")
            _refuse_background(active)
            _check_owner(active, person)
            outside = {*active.followers} - {person, *others}
            if any(map(self._people.present, outside)):
                raise RunError(
                    "Others follow this run too, so you cannot pause it. Stop it to keep your own copy of the epochs so far."
                )
            active.paused = True
            self.trainings.command(active, "pause", "paused", "Paused")
            return active.run

    def resume(self, run_id: str, person: str) -> Run:
        """Continue a paused run. Raises RunError if it is not paused or not the person's."""
        with self._lock:
            active = self._runs.by_id.get(run_id)
            if active is None or not active.paused:
                raise RunError("Only a paused run can be resumed.")
            _check_owner(active, person)
            active.paused = False
            if active.worker is None:
                active.since = self._runs.clock()
                active.set_status("queued", "Waiting for its turn to continue.")
            elif active.command == "pause":
                self.trainings.command(active, "go", "training", "")
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
            self._runs.tasks.add(owner, tasks)

    def cancel_background(self, owner: str) -> None:
        """Remove an owner's tasks and stop those of their runs that no other owner needs."""
        with self._lock:
            for run_id in self._runs.tasks.cancel(owner):
                active = self._runs.by_id.get(run_id)
                if active is None or not active.background:
                    continue
                message = "Its experiment was canceled."
                if active.worker is None:
                    self._runs.end(active, "stopped", message)
                elif active.command != "stop" or active.preempted:
                    self.trainings.stop(active, message)

    def background(self, owner: str) -> BackgroundStatus:
        """Return what an owner has in the background."""
        with self._lock:
            tasks = self._runs.tasks.of(owner)
            active = [self._runs.by_id.get(task.run_id or "") for task in tasks if not task.waits]
            training = tuple(one.run for one in active if one is not None)
            return BackgroundStatus(training, len(tasks) - len(training))

    def keep(self, run: Run, weights: Mapping[int, Array]) -> Run:
        """Keep a run that was imported from a file. Raises RunError if it cannot be saved."""
        with self._lock:
            kept = self._store.save_imported(run, weights)
            self._store.clear(set(self._runs.by_id))
            return kept

    @property
    def speed_factor(self) -> float | None:
        """How many times as long as the reference an epoch takes here; None until measured."""
        with self._lock:
            return self._runs.speed_factor

    # Called with the lock held.

    def _begins(self) -> dict[str, float]:
        """The seconds until each waiting run begins, in that order."""
        now, at_work = self._runs.clock(), self._runs.training()
        at, runs, begins = self._forecast
        state = frozenset(
            f"{one.run.id} {one.worker} {one.paused}" for one in self._runs.by_id.values()
        )
        if state != runs or now - at > _FORECAST:
            waiting, training = (
                self._people.claims(self._runs.waiting()),
                self._people.claims(at_work),
            )
            begins = forecast(waiting, training, max(1, len(at_work)), self._people.time, now)
            self._forecast = at, _, begins = now, state, begins
        return {run_id: max(0.0, seconds - (now - at)) for run_id, seconds in begins.items()}

    def _check_room(self, person: str) -> None:
        """Raise RunError if a person's new run would be beyond the limits of the queue."""
        mine = self.waiting(person)
        if mine.others >= limits.MOST_WAITING:
            raise RunError(
                f"You have {mine.others} runs waiting. The limit is {limits.MOST_WAITING}. Stop one of them, or wait until one is done."
            )
        waiting = [
            one for one in self._runs.without_worker() if one.begun or one.followers != [person]
        ]
        room = limits.LONGEST_QUEUE - len(waiting)
        if room <= 0:
            raise RunError(
                f"The queue is full: {limits.LONGEST_QUEUE} runs are waiting. Try again in a few minutes."
            )
        address = self._people.time.address(person)
        near = sum(self._people.time.address(one.run.owner) == address for one in waiting)
        if near >= limits.ADDRESS_SHARE * room:
            raise RunError(
                f"{near} runs from your network are waiting. The rest of the queue is for others. Try again in a few minutes."
            )

    def _give_up_waiting(self, person: str) -> None:
        """End the run that waits to begin for this person alone."""
        for active in self._runs.waiting():
            if person in active.followers and not active.begun:
                self._leave(active, person)
                if not active.followers:
                    self._runs.end(active, "stopped", "Replaced by a newer run before it began.")

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
            message="Stopped here. The run itself went on for the others who followed it.",
            updated=time.time(),
            owner=person,
        )
        return self._store.save_copy(active.run, copy)


def _check_owner(active: ActiveRun, person: str) -> None:
    if active.run.owner != person:
        raise RunError("Only the person who started this run can pause or resume it.")


def _refuse_background(active: ActiveRun) -> None:
    if active.background:
        raise RunError(
            "This run belongs to an experiment. Cancel the experiment on the Experiments page."
        )
