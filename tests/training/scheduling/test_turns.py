"""Fair shares, in simulations of a day on a server: nobody starves, and the forecast comes true."""

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.training.scheduling.turns import (
    CROWD,
    HALF_LIFE,
    Claim,
    WorkerTime,
    forecast,
    must_yield,
    next_turns,
)

SLOT, EPOCH = 180.0, 20.0


@dataclass
class Simulated:
    """Runs that train epoch by epoch on a number of workers, by the rules of `turns` alone."""

    workers: int = 1
    slot: float = SLOT

    def __post_init__(self) -> None:
        self.now = 1000.0
        self.time = WorkerTime(self.slot)
        self.waiting: list[Claim] = []
        self.training: list[Claim] = []
        self.used: dict[str, float] = {}
        self.began: dict[str, float] = {}
        self.ended: dict[str, float] = {}

    def submit(self, person: str, seconds: float, run: str = "", present: bool = True) -> None:
        claim = Claim(run or person, frozenset({person}), present, self.now, seconds, EPOCH)
        self.waiting.append(claim)

    def step(self) -> None:
        """Let every run train for an epoch."""
        while len(self.training) < self.workers:
            ready = next_turns(self.waiting, self.training, self.time, self.now)
            if not ready:
                break
            self.waiting.remove(ready[0])
            self.training.append(replace(ready[0], since=self.now))
            self.began.setdefault(ready[0].run, self.now)
        self.now += EPOCH
        for claim in self.training:
            self.time.charge(claim.people, EPOCH, self.now)
            for person in claim.people:
                self.used[person] = self.used.get(person, 0.0) + EPOCH / len(claim.people)
        self.training = [replace(claim, left=claim.left - EPOCH) for claim in self.training]
        for claim in [one for one in self.training if one.left <= 0]:
            self.training.remove(claim)
            self.ended[claim.run] = self.now
        for ready in next_turns(self.waiting, self.training, self.time, self.now):
            if len(self.training) == self.workers and (
                last := must_yield(self.training, ready, self.time, self.now)
            ):
                self.training.remove(last)
                self.waiting.append(replace(last, since=self.now))

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end and (self.waiting or self.training):
            self.step()
        self.now = max(self.now, end)


@settings(max_examples=8, deadline=None)
@given(people=st.integers(2, 12), workers=st.integers(1, 3))
def test_people_who_always_want_more_get_equal_shares_within_one_slot(
    people: int, workers: int
) -> None:
    server = Simulated(workers)
    names = [f"person {number}" for number in range(people)]
    for name in names:
        server.submit(name, 1e6)
    for _ in range(30):
        server.run(SLOT)
        shares = [server.used.get(name, 0.0) for name in names]
        assert max(shares) - min(shares) <= SLOT + SLOT / 3 + EPOCH


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), workers=st.integers(1, 2))
def test_every_run_ends_whoever_else_comes(seed: int, workers: int) -> None:
    dice, server = random.Random(seed), Simulated(workers)
    server.submit("patient", 900.0, "long")
    for number in range(30):  # more work than the workers can do, from ever new people
        server.submit(f"new {number}", dice.uniform(100, 500) * workers)
        server.run(dice.uniform(30, 150))
    begun = server.began["long"]
    server.run(4 * 3600)
    assert begun == 1000.0
    assert set(server.ended) == {"long", *(f"new {number}" for number in range(30))}


def test_a_stream_of_new_people_does_not_hold_up_one_who_has_used_much() -> None:
    server = Simulated()
    server.submit("heavy", 4000.0, "first")
    server.run(1800.0)
    for number in range(100):
        server.submit(f"new {number}", SLOT)
        server.run(SLOT)
    assert server.used["heavy"] > 1800.0 + SLOT


def test_whoever_has_used_the_least_is_next_and_old_use_is_forgotten() -> None:
    time = WorkerTime(SLOT)
    time.charge(["a"], 600.0, 0.0)
    time.charge(["b"], 300.0, 0.0)
    claims = [Claim(one, frozenset({one}), True, 0.0) for one in "abc"]
    assert [claim.run for claim in next_turns(claims, [], time, 0.0)] == ["c", "b", "a"]
    assert time.turn(claims[0], 5 * HALF_LIFE).used == 0


def test_a_shared_run_costs_each_of_its_people_a_part() -> None:
    time = WorkerTime(60.0)
    time.charge(["a", "b"], 120.0, 0.0)
    alone = Claim("x", frozenset({"a"}), True, 0.0)
    assert time.turn(alone, 0.0).used == 3  # 60 of the 120 seconds, in thirds of a slot
    assert time.turn(replace(alone, people=frozenset({"a", "c"})), 0.0).used == 0


def test_a_run_goes_on_when_its_slot_is_over_unless_one_that_waits_has_used_less() -> None:
    time = WorkerTime(SLOT)
    training = [Claim("x", frozenset({"a"}), True, 0.0)]
    waiting = Claim("y", frozenset({"b"}), True, 10.0)
    time.charge(["a"], SLOT, SLOT)
    assert must_yield(training, waiting, time, SLOT - 1) is None
    assert must_yield(training, waiting, time, SLOT) == training[0]
    time.charge(["b"], 10 * SLOT, SLOT)
    assert must_yield(training, waiting, time, SLOT) is None


def test_a_run_nobody_looks_at_goes_last_and_gives_way_at_once() -> None:
    time = WorkerTime(SLOT)
    left = Claim("x", frozenset({"a"}), False, 0.0)
    looked_at = Claim("y", frozenset({"b"}), True, 10.0)
    time.charge(["b"], 1000.0, 10.0)
    assert [one.run for one in next_turns([left, looked_at], [], time, 20.0)] == ["y", "x"]
    assert must_yield([left], looked_at, time, 20.0) == left
    assert must_yield([looked_at], left, time, 1e6) is None


def test_a_crowd_at_one_address_takes_no_more_than_a_few_peoples_share() -> None:
    server = Simulated()
    for number in range(64):
        server.time.note_address(f"fresh {number}", "10.0.0.1")
        server.submit(f"fresh {number}", 1e6)
    server.run(2 * SLOT)
    server.time.note_address("other", "10.0.0.2")
    server.submit("other", 1e6)
    used = dict(server.used)
    server.run(40 * SLOT)
    crowd = sum(server.used.values()) - server.used["other"] - sum(used.values())
    assert server.used["other"] >= 0.8 * crowd / CROWD


def test_a_class_behind_one_router_takes_turns_like_any_people() -> None:
    server = Simulated()
    for number in range(10):
        server.time.note_address(f"pupil {number}", "10.0.0.1")
        server.submit(f"pupil {number}", 1e6)
    server.run(30 * SLOT)
    shares = list(server.used.values())
    assert len(shares) == 10 and max(shares) - min(shares) <= SLOT + SLOT / 3 + EPOCH


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), workers=st.integers(1, 3))
def test_the_forecast_comes_true(seed: int, workers: int) -> None:
    dice, server = random.Random(seed), Simulated(workers)
    for number in range(dice.randint(1, 15)):
        person = f"person {number % 8}"
        server.submit(person, EPOCH * dice.randint(1, 120), f"run {number}")
        server.run(dice.choice([0.0, 20.0, 200.0]))
    waiting = [claim for claim in server.waiting if claim.run not in server.began]
    start = server.now
    expected = forecast(server.waiting, server.training, workers, server.time, start)
    server.run(3 * 3600)
    for claim in waiting:
        assert server.began[claim.run] - start == pytest.approx(expected[claim.run], abs=2 * SLOT)


def test_a_forecast_of_a_full_queue_is_quick_and_complete() -> None:
    time = WorkerTime(SLOT)
    waiting = [Claim(f"{n}", frozenset({f"{n}"}), True, 0.0, 1800.0, 30.0) for n in range(100)]
    begins = forecast(waiting, [], 1, time, 0.0)
    assert len(begins) == 100 and list(begins.values()) == sorted(begins.values())
