"""The queue of visitors' runs: turns, sharing, pauses, and one lock for every change."""

import threading

import pytest

from cnn.training.events import Outcome, Point
from cnn.training.run import RunError
from cnn.training.scheduling import limits, queued
from cnn.training.scheduling.queued import ActiveRun
from tests.training.examples import epoch_end
from tests.training.scheduling.fakes import DATA, Scheduler


@pytest.fixture
def scheduler(tmp_path) -> Scheduler:
    return Scheduler(tmp_path)


def test_visitors_take_turns_in_the_order_of_their_requests(scheduler: Scheduler) -> None:
    first, second, third = (scheduler.submit(session, seed) for seed, session in enumerate("abc"))
    scheduler.step()
    assert scheduler.queue.run(first.id).status == "starting"
    assert scheduler.queue.position(first.id) is None
    positions = [scheduler.queue.position(run.id) for run in (second, third)]
    assert [one.position for one in positions] == [1, 2]
    assert 0 < positions[0].seconds < positions[1].seconds
    scheduler.report(first.id, Outcome("done", "Done."), None)
    assert scheduler.queue.run(second.id).status == "starting"
    assert scheduler.queue.position(third.id).position == 1


def test_a_visitor_with_a_run_in_training_lets_others_go_first(tmp_path) -> None:
    scheduler = Scheduler(tmp_path, workers=2)
    scheduler.submit("a", 1)
    scheduler.step()
    mine = scheduler.submit("a", 2)
    scheduler.step()
    assert scheduler.queue.run(mine.id).status == "queued"
    theirs = scheduler.submit("b", 3)
    scheduler.step()
    assert scheduler.queue.run(theirs.id).status == "starting"
    assert scheduler.queue.run(mine.id).status == "queued"


def test_a_newer_request_replaces_the_one_that_waits(scheduler: Scheduler) -> None:
    scheduler.submit("a", 1)
    scheduler.step()
    older, newer = scheduler.submit("b", 2), scheduler.submit("b", 3)
    assert scheduler.queue.run(older.id).status == "stopped"
    assert scheduler.queue.position(newer.id).position == 1
    followed = scheduler.submit("c", 3)
    assert followed.id == newer.id
    scheduler.submit("b", 4)  # the run still waits, for c
    assert scheduler.queue.run(newer.id).status == "queued"


def test_a_full_queue_is_refused(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST_QUEUE", 2)
    for seed, session in enumerate("ab"):
        scheduler.submit(session, seed)
    with pytest.raises(RunError, match="2"):
        scheduler.submit("c", 3)
    replaced = scheduler.submit("a", 4)  # in place of the one that waits
    assert scheduler.queue.position(replaced.id).position == 2


def test_a_pause_ends_only_when_somebody_waits_for_the_worker(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    assert scheduler.queue.pause(run.id, "a").status == "paused"
    scheduler.step(10 * limits.LONGEST_PAUSE)
    assert scheduler.queue.run(run.id).status == "paused"
    scheduler.submit("b", 2)
    scheduler.queue.resume(run.id)
    scheduler.queue.pause(run.id, "a")
    scheduler.step(limits.LONGEST_PAUSE - 1)
    assert scheduler.queue.run(run.id).status == "paused"
    scheduler.step(2)
    scheduler.obey()
    assert scheduler.queue.run(run.id).status == "stopped"
    assert scheduler.queue.run(run.id).last_epoch == 1
    commands = [command for _, _, command in scheduler.pool.commands]
    assert commands == ["pause", "go", "pause", "stop"]


def test_a_run_that_all_have_left_is_stopped(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1)
    assert scheduler.submit("b", 1).id == run.id
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    with pytest.raises(RunError):
        scheduler.queue.pause(run.id, "a")
    copy = scheduler.queue.stop(run.id, "a")
    assert copy.id != run.id and copy.status == "stopped" and copy.last_epoch == 1
    scheduler.step(queued.FOLLOWING - 1)
    assert not scheduler.pool.commands
    scheduler.queue.run(run.id, "b")  # b still looks at it
    scheduler.step(queued.FOLLOWING - 1)
    assert not scheduler.pool.commands
    scheduler.step(2)
    assert [command for _, _, command in scheduler.pool.commands] == ["stop"]


def test_a_run_that_its_only_visitor_closes_the_page_of_goes_on(scheduler: Scheduler) -> None:
    scheduler.submit("a", 1)
    scheduler.step()
    scheduler.step(10 * queued.FOLLOWING)
    assert not scheduler.pool.commands


def test_reports_of_an_earlier_training_of_a_run_are_ignored(scheduler: Scheduler) -> None:
    scheduler.submit_background("one", 1)
    scheduler.step()
    [run] = scheduler.in_training("one")
    scheduler.learn(run.id, 0, 1)
    earlier = scheduler.key(run.id)
    visitor = scheduler.submit("a", 2)
    scheduler.step()
    scheduler.obey()
    scheduler.report(visitor.id, Outcome("done", "Done."), None)
    assert scheduler.key(run.id) != earlier
    scheduler.queue.record(earlier, None)
    scheduler.queue.record(earlier, epoch_end(7))
    assert scheduler.queue.run(run.id).status == "starting"
    assert scheduler.queue.run(run.id).last_epoch == 1


def test_a_run_that_cannot_be_saved_is_still_shown_as_it_ended(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()

    def full(*_: object) -> None:
        raise RunError("The disk is full.")

    monkeypatch.setattr(scheduler.store, "save", full)
    scheduler.report(run.id, Outcome("done", "Done."))
    assert scheduler.queue.run(run.id).status == "done"
    assert scheduler.store.run(run.id).status == "queued"


def test_an_epoch_that_cannot_be_saved_stops_the_run(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)

    def full(*_: object, **__: object) -> None:
        raise RunError("The disk is full.")

    with monkeypatch.context() as disk:
        disk.setattr(scheduler.store, "save_epoch", full)
        scheduler.learn(run.id, 2)
    scheduler.obey()
    stopped = scheduler.queue.run(run.id)
    assert (stopped.status, stopped.last_epoch) == ("stopped", 1)
    assert "disk is full" in stopped.message


def test_the_speed_is_the_median_of_the_epochs_seen(scheduler: Scheduler) -> None:
    assert scheduler.queue.speed_factor is None
    scheduler.queue.note_speed(3.0)
    assert scheduler.queue.speed_factor == 3.0
    scheduler.queue.note_speed(9.0)  # what was measured first stays until an epoch is seen
    assert scheduler.queue.speed_factor == 3.0
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0)  # measured without learning: no epoch's speed
    assert scheduler.queue.speed_factor == 3.0
    scheduler.learn(run.id, 1, 2, 3)
    seconds = limits.seconds_per_epoch(run.job, DATA)
    assert scheduler.queue.speed_factor == pytest.approx(epoch_end(1).seconds / seconds)


def test_nobody_can_look_while_the_state_of_a_run_changes(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every assignment to a field of an active run happens while the queue is locked."""
    scheduler = Scheduler(tmp_path, workers=2)
    changed: set[str] = set()

    def checked(active: ActiveRun, name: str, value: object) -> None:
        looker = threading.Thread(target=scheduler.queue.training, daemon=True)
        looker.start()
        looker.join(0.02)
        assert looker.is_alive(), f"{name} changed without the lock"
        changed.add(name)
        object.__setattr__(active, name, value)

    monkeypatch.setattr(ActiveRun, "__setattr__", checked)
    scheduler.submit_background("one", 1, 2)
    scheduler.step()
    shared = scheduler.submit("a", 3)
    scheduler.submit("b", 3)
    scheduler.step()  # preempts one of the two
    scheduler.obey()
    scheduler.learn(shared.id, 0, 1)
    scheduler.queue.stop(shared.id, "b")
    scheduler.queue.pause(shared.id, "a")
    scheduler.queue.resume(shared.id)
    scheduler.queue.stop(shared.id, "a")
    scheduler.step(queued.STOP_PATIENCE + 1)
    scheduler.queue.cancel_background("one")
    scheduler.pool.present.clear()
    scheduler.step(60)
    scheduler.submit("c", 4)
    scheduler.queue.end_waiting("failed", "No worker.")
    scheduler.queue.end("interrupted", "Closed.")
    assert changed >= {
        "worker",
        "key",
        "command",
        "commanded_at",
        "run",
        "end_message",
        "preempted",
    }


def test_a_point_is_added_to_the_run(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.report(run.id, Point(0.25, 2.0, 0.1))
    now = scheduler.queue.run(run.id)
    assert now.status == "training" and now.points == (Point(0.25, 2.0, 0.1),)
