"""The queue of visitors' runs: turns, sharing, pauses, and one lock for every change."""

import io
import os
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cnn.data.dataset import DataError
from cnn.data.split import ChosenData, DataChoice
from cnn.training.archive import Label, pack
from cnn.training.events import Checkpoint, Outcome, Point
from cnn.training.run import Parent, RunError
from cnn.training.scheduling import active_runs, limits, people
from cnn.training.scheduling.active_runs import ActiveRun, Images
from cnn.training.scheduling.queue import Standing, Waiting
from cnn.training.store import RunStore
from tests.training.examples import epoch_end
from tests.training.scheduling.fakes import DATA, Scheduler


def commands(scheduler: Scheduler) -> list[str]:
    return [command for _, _, command in scheduler.pool.commands]


def restarts(scheduler: Scheduler) -> list[str]:
    return scheduler.pool.restarted


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


def test_a_paused_run_gives_its_worker_to_others_after_a_while_and_is_not_lost(
    scheduler: Scheduler,
) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    assert scheduler.queue.pause(run.id, "a").status == "paused"
    scheduler.step(10 * limits.LONGEST_PAUSE)
    assert not restarts(scheduler) and commands(scheduler) == ["pause"]
    other = scheduler.submit("b", 2)
    scheduler.step()
    scheduler.obey()
    assert scheduler.queue.run(run.id).status == "paused"
    assert scheduler.queue.run(other.id).status == "starting"
    assert scheduler.queue.position(run.id) is None  # it waits for its owner, not for a worker
    scheduler.queue.resume(run.id, "a")
    assert scheduler.queue.position(run.id) is not None
    scheduler.report(other.id, Outcome("done", "Done."), None)
    request = scheduler.pool.requests[scheduler.key(run.id)]
    assert request.start is not None and request.start.epoch == 1


def test_a_shared_run_is_paused_only_for_all_who_watch_it(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1)
    assert scheduler.submit("b", 1).id == scheduler.submit("c", 1).id == run.id
    scheduler.step()
    scheduler.learn(run.id, 0)
    for others in ((), ("b",)):
        with pytest.raises(RunError, match="follow"):
            scheduler.queue.pause(run.id, "a", others)
    assert scheduler.queue.pause(run.id, "a", ("b", "c")).status == "paused"


def test_pausing_again_and_again_does_not_hold_a_worker(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1, epochs=99)
    scheduler.step()
    scheduler.learn(run.id, 0)
    scheduler.submit("b", 2)
    most = limits.SLOT + limits.LONGEST_PAUSE
    for _ in range(round(most / 50) + 1):
        if "stop" not in commands(scheduler):
            scheduler.queue.pause(run.id, "a")
            scheduler.step(50)
        if "stop" not in commands(scheduler):
            scheduler.queue.resume(run.id, "a")
    assert commands(scheduler)[-1] == "stop"


def test_a_run_gives_way_after_its_slot_and_continues(scheduler: Scheduler) -> None:
    first = scheduler.submit("a", 1, epochs=20)
    scheduler.step()
    scheduler.learn(first.id, 0, 1)
    second = scheduler.submit("b", 2, epochs=20)
    scheduler.work(limits.SLOT - 1)
    scheduler.learn(first.id, 2)
    assert not commands(scheduler)
    scheduler.work(2)
    assert commands(scheduler) == ["yield"]
    scheduler.learn(first.id, 3)
    scheduler.obey()
    gave_way = scheduler.queue.run(first.id)
    assert (gave_way.status, gave_way.last_epoch) == ("queued", 3)
    assert "3 minutes" in gave_way.message
    assert scheduler.queue.run(second.id).status == "starting"
    assert scheduler.queue.position(first.id).seconds > 0
    scheduler.learn(second.id, 0)
    scheduler.work(limits.SLOT + 1)
    scheduler.learn(second.id, 1)
    scheduler.obey()
    assert scheduler.queue.run(first.id).status == "starting"
    start = scheduler.pool.requests[scheduler.key(first.id)].start
    assert start is not None and start.epoch == 3
    assert start.resume == epoch_end(3).resume


def test_a_run_alone_goes_on_after_its_slot(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1, epochs=99)
    scheduler.step()
    for epoch in range(30):
        scheduler.learn(run.id, epoch)
        scheduler.work(limits.SLOT / 10)
    assert not commands(scheduler)


def test_with_a_link_alone_nobody_can_stop_pause_or_resume(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    scheduler.work(2 * limits.LONGEST_ABSENCE)  # the owner's lid is closed
    stranger = scheduler.queue
    for command in (stranger.stop, stranger.pause):
        with pytest.raises(RunError):
            command(run.id, "b")
    assert not stranger.standing(run.id, "b").follower
    scheduler.queue.pause(run.id, "a")
    with pytest.raises(RunError):
        stranger.resume(run.id, "b")
    assert commands(scheduler) == ["pause"] and scheduler.queue.run(run.id).status == "paused"
    assert scheduler.queue.resume(run.id, "a").status == "training"


def test_who_requests_a_run_in_training_follows_it_and_the_last_one_ends_it(
    scheduler: Scheduler,
) -> None:
    run = scheduler.submit("a", 1)
    assert scheduler.submit("b", 1).id == run.id
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    assert scheduler.queue.standing(run.id, "a") == Standing(True, True, 1, True)
    assert scheduler.queue.standing(run.id, "b") == Standing(False, True, 1, True)
    for person in "ab":  # b does not own it, and a would hold it up for b
        with pytest.raises(RunError):
            scheduler.queue.pause(run.id, person)
    copy = scheduler.queue.stop(run.id, "a")
    assert copy.id != run.id and copy.status == "stopped" and copy.last_epoch == 1
    assert copy.owner == "a" and scheduler.store.run(copy.id).owner == "a"
    assert not commands(scheduler)
    assert not scheduler.queue.standing(run.id, "a").follower
    assert scheduler.queue.standing(run.id, "b") == Standing(True, True, 0, False)
    scheduler.queue.pause(run.id, "b")
    scheduler.queue.stop(run.id, "b")
    assert commands(scheduler) == ["pause", "stop"]
    scheduler.obey()
    assert scheduler.queue.run(run.id).status == "stopped"


def test_a_run_that_its_only_visitor_closes_the_page_of_goes_on(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1, epochs=99)
    scheduler.step()
    for epoch in range(40):
        scheduler.learn(run.id, epoch)
        scheduler.work(200)
    assert not commands(scheduler) and scheduler.queue.run(run.id).owner == "a"


def test_a_run_nobody_looks_at_goes_last_and_ends_after_a_time(scheduler: Scheduler) -> None:
    training = scheduler.submit("a", 1)
    left, other = scheduler.submit("b", 2), scheduler.submit("c", 3)
    scheduler.step()
    scheduler.learn(training.id, 0)
    scheduler.clock.now += people.PRESENT + 1
    for person in "ac":
        scheduler.queue.present(person)
    assert scheduler.queue.position(other.id).position == 1
    assert scheduler.queue.position(left.id).position == 2
    scheduler.queue.present("b")  # back again, before c
    scheduler.clock.now += 10
    assert scheduler.queue.position(left.id).position == 1
    for epoch in range(1, 30):
        scheduler.clock.now += limits.LONGEST_ABSENCE / 20
        scheduler.queue.present("a")
        scheduler.learn(training.id, epoch)
    assert scheduler.queue.run(left.id).live  # those who look do not wait
    scheduler.queue.present("c")
    scheduler.step()
    assert scheduler.queue.run(left.id).status == "stopped"


def test_a_crowd_at_one_address_leaves_room_for_others(scheduler: Scheduler) -> None:
    def fill(address: str) -> int:
        for number in range(2 * limits.LONGEST_QUEUE):
            scheduler.queue.present(f"{address} {number}", address)
            try:
                scheduler.submit(f"{address} {number}", hash((address, number)) % 2**31)
            except RunError:
                return number
        raise AssertionError("nobody was refused")

    crowd = fill("10.0.0.1")
    assert 0.7 * limits.LONGEST_QUEUE < crowd < 0.9 * limits.LONGEST_QUEUE
    assert fill("10.0.0.2") > 10 and fill("10.0.0.3") > 0


def test_a_person_has_at_most_so_many_runs_that_wait(scheduler: Scheduler) -> None:
    runs = []
    for seed in range(limits.MOST_WAITING):
        runs.append(scheduler.submit("a", seed))
        assert scheduler.queue.waiting("a") == Waiting(replaceable=True, others=seed)
        scheduler.step()
        scheduler.learn(runs[-1].id, 0, 1)
        scheduler.queue.pause(runs[-1].id, "a")
        other = scheduler.submit("b", 100 + seed)
        scheduler.step(limits.LONGEST_PAUSE + 1)
        scheduler.obey()
        scheduler.report(other.id, Outcome("done", "Done."))
    assert scheduler.queue.waiting("a") == Waiting(replaceable=False, others=limits.MOST_WAITING)
    with pytest.raises(RunError, match=f"{limits.MOST_WAITING} runs waiting"):
        scheduler.submit("a", 9)
    assert scheduler.queue.stop(runs[0].id, "a").last_epoch == 1
    assert scheduler.submit("a", 9).live


def test_the_owner_is_in_the_record_and_survives_a_restart(
    scheduler: Scheduler, tmp_path: Path
) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    after = RunStore(tmp_path).run(run.id)
    assert after.owner == "a"
    with zipfile.ZipFile(io.BytesIO(pack(after, {}, Label()))) as file:
        assert '"owner":""' in file.read("run.json").decode()


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
    scheduler.queue.trainings.record(earlier, None)
    scheduler.queue.trainings.record(earlier, epoch_end(7))
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
    scheduler.queue.trainings.note_speed(3.0)
    assert scheduler.queue.speed_factor == 3.0
    scheduler.queue.trainings.note_speed(
        9.0
    )  # what was measured first stays until an epoch is seen
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
        looker = threading.Thread(target=scheduler.queue.trainings.workers, daemon=True)
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
    scheduler.queue.resume(shared.id, "a")
    scheduler.queue.stop(shared.id, "a")
    scheduler.step(active_runs.STOP_PATIENCE + 1)
    scheduler.queue.cancel_background("one")
    scheduler.pool.present.clear()
    scheduler.step(60)
    scheduler.submit("c", 4)
    scheduler.queue.trainings.end_waiting("failed", "No worker.")
    scheduler.queue.trainings.end("interrupted", "Closed.")
    assert changed >= {
        "worker",
        "key",
        "command",
        "commanded",
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


def test_a_run_that_ended_on_a_full_disk_is_recorded_once_there_is_space(
    scheduler: Scheduler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.report(run.id, Point(0.5, 1.0, 0.5))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        scheduler.report(run.id, epoch_end(1), Outcome("done", "Finished 1 epoch."), None)
        scheduler.step(2)
        assert not scheduler.queue.run(run.id).live
    ended = scheduler.queue.run(run.id)
    assert RunStore(tmp_path).run(run.id) != ended
    scheduler.step(2)
    assert RunStore(tmp_path).run(run.id) == ended == scheduler.queue.run(run.id)


def test_another_process_takes_over_what_was_left_unfinished(
    scheduler: Scheduler, tmp_path: Path
) -> None:
    training = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(training.id, 0, 1)
    scheduler.report(training.id, Point(1.5, 1.0, 0.5))
    waiting = scheduler.submit("b", 2)
    after = Scheduler(tmp_path)
    after.queue.take_over(lambda _: DATA)
    assert [run.id for run in after.queue.live()] == [training.id, waiting.id]
    going_on = after.queue.run(training.id)
    assert (going_on.status, going_on.last_epoch, going_on.owner) == ("queued", 1, "a")
    assert all(point.epoch <= 1 for point in going_on.points)
    after.step()
    request = after.pool.requests[after.key(training.id)]
    assert request.start is not None and request.start.epoch == 1
    after.learn(training.id, 2)
    after.report(training.id, Outcome("done", "Done."))
    assert after.queue.run(waiting.id).status == "starting"
    assert RunStore(tmp_path).run(training.id).status == "done"


def test_a_paused_run_stays_paused_when_another_process_takes_over(
    scheduler: Scheduler, tmp_path: Path
) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    scheduler.queue.pause(run.id, "a")
    scheduler.report(run.id, epoch_end(2))
    after = Scheduler(tmp_path)
    after.queue.take_over(lambda _: DATA)
    after.step()
    assert after.queue.run(run.id).status == "paused"
    assert not after.pool.requests
    after.queue.resume(run.id, "a")
    after.step()
    assert after.key(run.id)


def _gone(_: DataChoice) -> ChosenData:
    raise DataError("These images are not here.")


@pytest.mark.parametrize("images", [None, _gone])
def test_a_run_without_its_images_is_interrupted_where_another_takes_over(
    scheduler: Scheduler, tmp_path: Path, images: Images | None
) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    after = Scheduler(tmp_path)
    after.queue.take_over(images)
    kept = after.queue.run(run.id)
    assert (kept.status, kept.last_epoch) == ("interrupted", 1)
    assert not after.queue.live()


def test_runs_that_cannot_go_on_by_themselves_are_interrupted(
    scheduler: Scheduler, tmp_path: Path
) -> None:
    scheduler.submit_background("experiment", 7)
    scheduler.step()
    [experiment] = scheduler.in_training("experiment")
    scheduler.learn(experiment.id, 0, 1)
    weights = Checkpoint(0, np.zeros(10, np.float32), fresh=True)
    edited = scheduler.queue.submit(experiment.job, DATA, "a", Parent("run", 3, "edits"), weights)
    after = Scheduler(tmp_path)
    after.queue.take_over(lambda _: DATA)
    for run in (experiment, edited):
        assert after.queue.run(run.id).status == "interrupted"
    assert not after.queue.live()
