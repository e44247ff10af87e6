"""The people whose runs these are: who is here, what each has used, and their claims to a worker."""

from math import inf

from cnn.training.scheduling import limits
from cnn.training.scheduling.active_runs import ActiveRun, ActiveRuns
from cnn.training.scheduling.turns import Claim, WorkerTime, next_turns

PRESENT = 300.0
"""Seconds after which a person who has opened no page counts as absent. Browsers let a background
tab ask about once a minute."""


class People:
    """Who looked at a page when, and the worker time of each. Used with the lock of `ActiveRuns`.

    People are named by a digest of the browser's cookie. While others wait, a run may train for
    `slot` seconds at a time.
    """

    def __init__(self, runs: ActiveRuns, slot: float) -> None:
        self.time = WorkerTime(slot)
        self._runs = runs
        self._seen: dict[str, float] = {}
        self._charged = runs.clock()

    def note(self, person: str) -> None:
        """Note that a person looks at a page now."""
        self._seen[person] = self._runs.clock()

    def present(self, person: str) -> bool:
        """Return whether a person has looked at a page lately."""
        return self._runs.clock() - self._seen.get(person, -inf) <= PRESENT

    def left_at(self, active: ActiveRun) -> float:
        """Return when one of a run's people last looked at a page."""
        return max(self._seen.get(one, active.since) for one in active.followers)

    def charge(self) -> float:
        """Charge those whose runs have a worker with the time that has passed; returns the time."""
        now = self._runs.clock()
        for active in self._runs.training():
            if not active.background:
                self.time.charge(active.followers, now - self._charged, now)
        self._charged = now
        return now

    def forget(self) -> None:
        """Forget people without a run who have not been here for long."""
        now = self._runs.clock()
        needed = {person for active in self._runs.by_id.values() for person in active.followers}
        self.time.forget(needed, now)
        self._seen = {
            person: at
            for person, at in self._seen.items()
            if person in needed or now - at <= limits.LONGEST_ABSENCE
        }

    def claim(self, active: ActiveRun) -> Claim:
        """Return what a visitor's run claims."""
        present = [one for one in active.followers if self.present(one)]
        speed = self._runs.speed_factor or 1.0
        return Claim(
            active.run.id,
            frozenset(present or active.followers),
            bool(present),
            active.since,
            active.seconds_left(speed),
            active.seconds_per_epoch(speed),
        )

    def claims(self, runs: list[ActiveRun]) -> list[Claim]:
        """Return the claims of the visitors' runs among these."""
        return [self.claim(active) for active in runs if not active.background]

    def ready(self) -> list[Claim]:
        """Return the visitors' runs that may have a worker, the next one first."""
        runs = self._runs
        waiting, training = self.claims(runs.waiting()), self.claims(runs.training())
        return next_turns(waiting, training, self.time, runs.clock())
