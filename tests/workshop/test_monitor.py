"""The monitor tells how far runs are, holds those of a paused workshop, and lets them go on."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from cnn.training.events import EpochRecord
from cnn.training.run import Run, RunError, Status
from cnn.workshop.monitor import Monitor
from cnn.workshop.store import WorkshopStore
from cnn.workshop.workshop import IDLE, TrainedRun, Workshop
from tests.training.examples import new_run
from tests.workshop.examples import PLAN, Clock, store, trained


class Trainings:
    """Stands for the engine; a run of "watched" is one that others watch."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}

    def run(self, run_id: str) -> Run:
        if run_id not in self.runs:
            raise RunError("There is no such run.")
        return self.runs[run_id]

    def pause(self, run_id: str, person: str, others: Collection[str] = ()) -> Run:
        assert person in others  # and all with whom it may be shared
        return self._set(run_id, person, "paused")

    def resume(self, run_id: str, person: str) -> Run:
        return self._set(run_id, person, "training")

    def _set(self, run_id: str, person: str, status: Status) -> Run:
        run = self.runs[run_id]
        if run.owner != person or person == "watched":
            raise RunError("No.")
        self.runs[run_id] = replace(run, status=status)
        return self.runs[run_id]


class Class:
    """A workshop whose one participant has a run in training."""

    def __init__(self, folder: Path, person: str = "ann") -> None:
        self.clock, self.trainings = Clock(), Trainings()
        self.store: WorkshopStore = store(folder, self.clock)
        self.workshop: Workshop = self.store.create(PLAN, "host")[0]
        self.monitor = Monitor(self.store, self.trainings, self.clock)
        self.trainings.runs["one"] = replace(new_run("one", 3), owner=person)
        me = self.store.join(self.workshop.code, person)
        self.store.add_run(
            me.id, trained("one", accuracy=None, status="queued", epochs=0, planned=3)
        )

    def look(self) -> TrainedRun:
        self.monitor.look()
        return self.store.runs(self.workshop.id)[0].run

    @property
    def status(self) -> str:
        return self.trainings.runs["one"].status


def epochs(*accuracies: float) -> tuple[EpochRecord, ...]:
    return tuple(
        EpochRecord(epoch, 0.5, 0.5, 0.5, accuracy, 0.01, 1.0)
        for epoch, accuracy in enumerate(accuracies)
    )


@pytest.fixture
def room(tmp_path: Path) -> Class:
    return Class(tmp_path)


def test_a_run_is_followed_to_its_end(room: Class) -> None:
    room.clock.now += 7
    told = room.look()
    assert (told.status, told.since, told.accuracy) == ("training", room.clock.now, None)
    run = room.trainings.runs["one"]
    room.trainings.runs["one"] = replace(run, epochs=epochs(0.1))
    assert room.look().accuracy is None  # it has not learned yet
    room.clock.now += 7
    room.trainings.runs["one"] = replace(run, epochs=epochs(0.1, 0.7))
    told = room.look()
    assert (told.epochs, told.accuracy, told.since) == (1, 0.7, room.clock.now - 7)
    room.trainings.runs["one"] = replace(run, epochs=epochs(0.1, 0.7, 0.75, 0.8), status="done")
    told = room.look()
    assert (told.status, told.epochs, told.accuracy) == ("done", 3, 0.8)
    assert room.store.under_way() == [(room.store.workshop(room.workshop.id), [])]


def test_a_pause_holds_and_lets_go_on(room: Class) -> None:
    room.store.set_state(room.workshop.id, "paused")
    assert room.look().status == "paused" == room.status
    room.trainings.resume("one", "ann")  # ann tries to go on
    assert room.look().status == "paused" == room.status
    room.store.set_state(room.workshop.id, "running")
    assert room.look().status == "training" == room.status


def test_what_its_owner_paused_stays_paused(room: Class) -> None:
    room.trainings.pause("one", "ann", ["ann"])
    room.store.set_state(room.workshop.id, "paused")
    room.look()
    room.store.set_state(room.workshop.id, "running")
    assert room.look().status == "paused" == room.status


def test_the_end_lets_go_on_what_was_held_and_still_tells_its_result(room: Class) -> None:
    room.store.set_state(room.workshop.id, "paused")
    room.look()
    room.store.set_state(room.workshop.id, "ended")
    assert room.look().status == "training" == room.status
    run = room.trainings.runs["one"]
    room.trainings.runs["one"] = replace(run, epochs=epochs(0.1, 0.9), status="done")
    assert room.look().accuracy == 0.9
    assert room.store.under_way() == []


def test_a_run_of_somebody_outside_is_not_paused(tmp_path: Path) -> None:
    room = Class(tmp_path)
    room.trainings.runs["one"] = replace(room.trainings.runs["one"], owner="outsider")
    room.store.set_state(room.workshop.id, "paused")
    assert room.look().status == "training" == room.status


def test_a_run_that_cannot_be_paused_goes_on(tmp_path: Path) -> None:
    room = Class(tmp_path, "watched")
    room.store.set_state(room.workshop.id, "paused")
    assert room.look().status == "training" == room.status


def test_a_deleted_run_is_no_longer_followed(room: Class) -> None:
    room.trainings.runs.clear()
    assert room.look().status == "interrupted"
    assert room.store.under_way() == [(room.store.workshop(room.workshop.id), [])]


def test_time_ends_a_workshop(room: Class) -> None:
    room.look()
    room.clock.now += IDLE + 1
    room.look()
    assert room.store.workshop(room.workshop.id).over
