"""Whose turn it is: fair shares of the workers' time, and when those who wait will begin.

Nothing here knows the queue. A run's turn depends on what its people have used, and on nothing they
can claim: `next_turns` orders those that wait, `must_yield` says who gives way, and `forecast` plays
both forward in time.
"""

from collections.abc import Collection, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import NamedTuple

HALF_LIFE = 900.0
"""Seconds after which only half of the used time still counts."""

CROWD = 8
"""The people of one address count as at most so many, however many they are. A class behind one
router takes turns as everyone does; a crowd of fresh cookies does not push out the others."""

_FEW = 1.0
_MOST_ACCOUNTS = 1000
_MOST_STEPS = 2000


@dataclass(frozen=True)
class Claim:
    """A run's claim to a worker.

    `people` want the run and `present` says whether one of them has looked lately. It needs `left`
    seconds more, in epochs of `epoch` seconds. It has waited since `since`, or, with a worker, has
    had it since then.
    """

    run: str
    people: frozenset[str]
    present: bool
    since: float
    left: float = 0.0
    epoch: float = 0.0


class Turn(NamedTuple):
    """Where a claim stands; the smallest is next."""

    absent: bool
    used: int
    since: float


class WorkerTime:
    """The seconds of workers that people have used, the older the less they count.

    `slot` is the number of seconds that a run may have a worker while others wait. Uses that differ
    by less than a third of it are equal: then the longest wait decides, so that a stream of people
    who have used nothing cannot hold up somebody who has for ever.
    """

    def __init__(self, slot: float) -> None:
        self.slot = slot
        self._addresses: dict[str, str] = {}
        self._accounts: dict[tuple[str, str], tuple[float, float]] = {}

    def note_address(self, person: str, address: str) -> None:
        """Note from which network address a person comes."""
        self._addresses[person] = address

    def address(self, person: str) -> str:
        """Return the address that was noted, or "" if none was."""
        return self._addresses.get(person, "")

    def charge(self, people: Collection[str], seconds: float, now: float) -> None:
        """Add used time, shared equally by the people for whom a run trained."""
        for person in people:
            for account in (("person", person), ("address", self.address(person))):
                used = max(0.0, self._used(account, now) + seconds / len(people))
                self._accounts[account] = used, now

    def forget(self, needed: Collection[str], now: float) -> None:
        """Forget those who have used hardly anything, if they are many, but not the `needed`."""
        if len(self._accounts) + len(self._addresses) > _MOST_ACCOUNTS:
            self._accounts = {
                key: one for key, one in self._accounts.items() if self._used(key, now) > _FEW
            }
            known = {name for kind, name in self._accounts if kind == "person"} | set(needed)
            self._addresses = {who: at for who, at in self._addresses.items() if who in known}

    def turn(self, claim: Claim, now: float) -> Turn:
        """Return where a claim stands: behind those who look and have used less."""
        used = min((self._weight(person, now) for person in claim.people), default=0.0)
        return Turn(not claim.present, int(3 * used / self.slot), claim.since)

    def _weight(self, person: str, now: float) -> float:
        crowd = self._used(("address", self.address(person)), now) / CROWD
        return max(self._used(("person", person), now), crowd)

    def _used(self, account: tuple[str, str], now: float) -> float:
        seconds, at = self._accounts.get(account, (0.0, now))
        return float(seconds * 0.5 ** ((now - at) / HALF_LIFE))


def next_turns(
    waiting: Iterable[Claim], training: Iterable[Claim], time: WorkerTime, now: float
) -> list[Claim]:
    """Return the claims that may have a worker, the next one first.

    Who has a run in training lets it end, or give way, before another one begins.
    """
    busy = frozenset[str]().union(*(claim.people for claim in training))
    free = [claim for claim in waiting if claim.people - busy]
    return sorted(free, key=lambda claim: time.turn(claim, now))


def must_yield(
    training: Iterable[Claim], waiting: Claim, time: WorkerTime, now: float
) -> Claim | None:
    """Return the claim that gives its worker to one that waits; None if all may go on.

    A run may have its worker for a slot, and on while those who wait have used more. One that
    nobody looks at has no slot against one that somebody does.
    """
    theirs = time.turn(waiting, now)
    over = [
        claim
        for claim in training
        if now - claim.since >= time.slot or (waiting.present and not claim.present)
    ]
    last = max(over, key=lambda claim: time.turn(claim, now), default=None)
    if last is None or time.turn(replace(last, since=now), now) <= theirs:
        return None
    return last


def forecast(
    waiting: Sequence[Claim], training: Sequence[Claim], workers: int, time: WorkerTime, now: float
) -> dict[str, float]:
    """Return the seconds until each of the waiting runs begins, in the order in which they do.

    It is what will happen if nobody else comes or leaves and every run ends as planned. Runs that
    would begin only after thousands of changes are missing.
    """
    time, began, start = deepcopy(time), dict[str, float](), now
    queue, busy = list(waiting), list(training)
    missing = {claim.run for claim in waiting}
    for _ in range(_MOST_STEPS):
        while len(busy) < workers and (ready := next_turns(queue, busy, time, now)):
            queue.remove(ready[0])
            busy.append(replace(ready[0], since=now))
            if ready[0].run in missing:
                missing.remove(ready[0].run)
                began[ready[0].run] = now - start
        if not busy or not missing:
            break
        seconds = max(0.1, min(min(one.left, _to_change(one, time.slot, now)) for one in busy))
        now += seconds
        for claim in busy:
            time.charge(claim.people, seconds, now)
        busy = [replace(claim, left=claim.left - seconds) for claim in busy]
        busy = [claim for claim in busy if claim.left > 0]
        ready = next_turns(queue, busy, time, now) if len(busy) == workers else []
        if ready and (last := must_yield(_at_an_end(busy, time.slot, now), ready[0], time, now)):
            busy.remove(last)
            queue.append(replace(last, since=now))
    return began


def _to_change(claim: Claim, slot: float, now: float) -> float:
    """Seconds until a run may give way: on average half of an epoch after its slot has ended."""
    left = slot + claim.epoch / 2 - (now - claim.since)
    return left if left > 0 else max(claim.epoch, 1.0)


def _at_an_end(busy: list[Claim], slot: float, now: float) -> list[Claim]:
    """The runs that may have come to the end of an epoch by now."""
    soonest = (claim.since + slot + claim.epoch / 2 for claim in busy)
    return [one for one, at in zip(busy, soonest, strict=True) if at <= now or not one.present]
