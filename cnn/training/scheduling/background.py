"""The background lane: the trainings of experiments, done while no person waits for a worker."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnn.data.dataset import ChosenData
from cnn.training.events import Checkpoint
from cnn.training.job import Job
from cnn.training.run import Run, RunError
from cnn.training.scheduling.active_run import ActiveRun
from cnn.training.scheduling.queue import RunQueue
from cnn.training.store import RunStore

TRIES = 3
"""How often a run is begun or gone on with, when its worker goes away or it fails."""

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Wish:
    """A training wanted in the background.

    `epoch_seconds` is the reference time of an epoch; `ended` is called with the run that did it, or
    with the last one that could not, from the engine's thread. `run` is the run that does it now; it is
    `borrowed` when a person asked for it. `unfinished` is one of its own that was broken off, `tries`
    says how many were broken off by a fault.
    """

    job: Job
    chosen: ChosenData
    epoch_seconds: float
    ended: Callable[[Run], None]
    run: str | None = None
    borrowed: bool = False
    unfinished: Run | None = None
    tries: int = 0


@dataclass(frozen=True)
class Lane:
    """What an owner has in the background: the runs in training, and how many wait."""

    training: tuple[Run, ...] = ()
    waiting: int = 0

    @property
    def busy(self) -> bool:
        """Whether anything is still to end."""
        return bool(self.training) or self.waiting > 0


class Background:
    """The wishes of all owners. Its methods hold the roll's lock."""

    def __init__(self, roll: RunQueue, store: RunStore) -> None:
        self._roll = roll
        self._store = store
        self._wishes: dict[str, list[Wish]] = {}
        self._made_way: set[str] = set()

    def enter(self, owner: str, wishes: Sequence[Wish]) -> None:
        """Put wishes at the end of an owner's queue."""
        with self._roll.lock:
            self._wishes.setdefault(owner, []).extend(wishes)

    def withdraw(self, owner: str) -> list[ActiveRun]:
        """Forget an owner's wishes; returns those of their runs that nobody else wants now."""
        with self._roll.lock:
            mine = [wish.run for wish in self._wishes.pop(owner, [])]
            others = {wish.run for wishes in self._wishes.values() for wish in wishes}
            found = [self._roll.find(run) for run in mine if run and run not in others]
            return [live for live in found if live is not None and live.background]

    def lane(self, owner: str) -> Lane:
        """How it stands for an owner."""
        with self._roll.lock:
            wishes = self._wishes.get(owner, [])
            lives = [self._roll.find(wish.run) for wish in wishes if wish.run]
            training = tuple(live.run for live in lives if live is not None)
            return Lane(training, len(wishes) - len(training))

    @property
    def wishes(self) -> int:
        """How many wishes there are in all."""
        with self._roll.lock:
            return sum(map(len, self._wishes.values()))

    @property
    def waits(self) -> bool:
        """Whether a wish waits for a worker."""
        with self._roll.lock:
            return any(not wish.run for _, wish in self._all())

    def make_way(self, run_id: str) -> None:
        """Note that a run is stopped for a person's: it goes on later, and that is no fault."""
        self._made_way.add(run_id)

    def settle(self) -> None:
        """Look which runs have ended: those that are over are told, the others wait to go on."""
        over: list[tuple[str, Wish, Run]] = []
        with self._roll.lock:
            for owner, wish in self._all():
                if wish.run is None or self._roll.find(wish.run) is not None:
                    continue
                run = _ended(self._roll, wish.run)
                own = run is not None and run.kept and not wish.borrowed
                wish.unfinished = run if own else None
                if run is not None and self._is_over(wish, run):
                    over.append((owner, wish, run))
                else:
                    wish.run = None
        for owner, wish, run in over:
            _tell(wish, run)
            with self._roll.lock:  # only now: what has left the lane is known elsewhere
                self._wishes[owner] = [w for w in self._wishes.get(owner, []) if w is not wish]

    def take(self, worker: str) -> ActiveRun | None:
        """Give the next wish to a free worker; its live run, None if no wish waits any more.

        Owners take turns. What was done before, or is being done, is not done again.
        """
        with self._roll.lock:
            while (wish := self._next()) is not None:
                done = self._store.done(wish.job, None, whole=False)
                shared = self._roll.shared(wish.job, None, background=True)
                found = done if shared is None else shared.run
                if found is None:
                    return self._begun(wish, worker)
                wish.run, wish.borrowed = found.id, True
        return None

    def _is_over(self, wish: Wish, run: Run) -> bool:
        made_way = run.id in self._made_way
        self._made_way.discard(run.id)
        if run.status in ("done", "diverged"):
            return True
        if made_way:
            return False
        wish.tries += 1
        return wish.tries >= TRIES

    def _all(self) -> list[tuple[str, Wish]]:
        return [(owner, wish) for owner, wishes in self._wishes.items() for wish in wishes]

    def _next(self) -> Wish | None:
        """The first that waits of the owner who has the fewest runs in training."""
        by_owner = [wishes for wishes in self._wishes.values() if any(not w.run for w in wishes)]
        if not by_owner:
            return None
        wishes = min(by_owner, key=lambda wishes: sum(bool(wish.run) for wish in wishes))
        return next(wish for wish in wishes if not wish.run)

    def _begun(self, wish: Wish, worker: str) -> ActiveRun:
        run, start = self._start(wish)
        live = ActiveRun(run, wish.chosen, start, wish.epoch_seconds, background=True)
        self._roll.enter(live)
        self._roll.begin(live, worker)
        wish.run, wish.borrowed = run.id, False
        return live

    def _start(self, wish: Wish) -> tuple[Run, Checkpoint | None]:
        if wish.unfinished is not None:
            try:
                return wish.unfinished, self._store.checkpoint(wish.unfinished)
            except RunError:
                wish.unfinished = None  # its weights are gone: from the beginning, then
        now = time.time()
        return Run(self._store.new_id(), wish.job, "queued", "", now, now), None


def _ended(roll: RunQueue, run_id: str) -> Run | None:
    try:
        return roll.ended(run_id)
    except RunError:
        return None


def _tell(wish: Wish, run: Run) -> None:
    try:
        wish.ended(run)
    except Exception:
        _log.exception("What came of the run %s could not be kept", run.id)
