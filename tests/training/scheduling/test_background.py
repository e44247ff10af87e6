"""The background lane: whose turn it is, preemption, sharing; and with a real worker the numbers."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cnn.data.split import ChosenData
from cnn.training.events import Outcome
from cnn.training.job import Job
from cnn.training.run import Run, RunError
from cnn.training.scheduling import limits
from cnn.training.scheduling.background import BackgroundTask
from cnn.training.scheduling.engine import Engine
from cnn.training.scheduling.trainings import MOST_FAULTS
from cnn.training.store import RunStore
from tests.training.engines import DATA, MANY, ended, until
from tests.training.examples import NETWORK, settings
from tests.training.scheduling.fakes import Scheduler


@pytest.fixture
def scheduler(tmp_path: Path) -> Scheduler:
    return Scheduler(tmp_path)


def finish(scheduler: Scheduler, run: Run) -> None:
    scheduler.learn(run.id, run.last_epoch, run.planned_epochs)
    scheduler.report(run.id, Outcome("done", "Done."), None)


def test_the_owner_with_the_fewest_runs_in_training_is_next(tmp_path: Path) -> None:
    scheduler = Scheduler(tmp_path, workers=3)
    scheduler.submit_background("one", 1, 2, 3, 4)
    scheduler.step()
    assert len(scheduler.in_training("one")) == 3
    scheduler.submit_background("other", 11, 12, 13)

    def seeds() -> tuple[list[int], list[int]]:
        one, other = (scheduler.in_training(owner) for owner in ("one", "other"))
        return [r.job.settings.seed for r in one], [r.job.settings.seed for r in other]

    finish(scheduler, scheduler.in_training("one")[0])  # 2 in training against 0
    assert seeds() == ([2, 3], [11])
    finish(scheduler, scheduler.in_training("one")[0])  # 1 against 1: the older owner
    assert seeds() == ([3, 4], [11])
    finish(scheduler, scheduler.in_training("other")[0])  # 2 against 0
    assert seeds() == ([3, 4], [12])
    finish(scheduler, scheduler.in_training("one")[0])
    assert seeds() == ([4], [12, 13])


def test_the_run_with_the_fewest_epochs_is_preempted_and_continued(tmp_path: Path) -> None:
    scheduler = Scheduler(tmp_path, workers=2)
    scheduler.submit_background("one", 1, 2)
    scheduler.step()
    first, second = scheduler.in_training("one")
    scheduler.learn(first.id, 0, 1)
    scheduler.learn(second.id, 0, 1, 2)
    visitor = scheduler.submit("a", 3)
    scheduler.step()
    scheduler.step()  # another step stops no second run
    assert [(key, command) for key, _, command in scheduler.pool.commands] == [
        (scheduler.key(first.id), "stop")
    ]
    scheduler.obey()
    assert scheduler.queue.run(visitor.id).status == "starting"
    scheduler.report(visitor.id, Outcome("done", "Done."), None)
    request = scheduler.pool.requests[scheduler.key(first.id)]
    assert request.start is not None and request.start.epoch == 1
    scheduler.learn(first.id, 2)
    assert [record.epoch for record in scheduler.queue.run(first.id).epochs] == [0, 1, 2]


def test_repeated_preemption_does_not_end_a_task(scheduler: Scheduler) -> None:
    results: list[Run] = []
    scheduler.submit_background("one", 1, epochs=20, on_end=results.append)
    scheduler.step()
    for turn in range(MOST_FAULTS + 2):
        [run] = scheduler.in_training("one")
        scheduler.learn(run.id, *range(turn and turn + 1, turn + 2))
        visitor = scheduler.submit("a", 100 + turn)
        scheduler.step()
        scheduler.obey()
        assert not results and scheduler.queue.background("one").waiting == 1
        scheduler.report(visitor.id, Outcome("done", "Done."), None)
    [run] = scheduler.in_training("one")
    finish(scheduler, run)
    assert [(result.id, result.status) for result in results] == [(run.id, "done")]


def test_a_task_ends_when_its_runs_break_off_too_often(scheduler: Scheduler) -> None:
    results: list[Run] = []
    scheduler.submit_background("one", 1, 2, on_end=results.append)
    scheduler.step()
    for _ in range(MOST_FAULTS):
        assert not results
        [run] = scheduler.in_training("one")
        assert run.job.settings.seed == 1
        scheduler.report(run.id, None)
    assert [(result.job.settings.seed, result.status) for result in results] == [(1, "interrupted")]
    [run] = scheduler.in_training("one")
    assert run.job.settings.seed == 2


def test_withdrawing_keeps_a_run_that_another_owner_needs(scheduler: Scheduler) -> None:
    results: list[Run] = []
    scheduler.submit_background("one", 1)
    scheduler.step()
    scheduler.submit_background("other", 1, on_end=results.append)
    [run] = scheduler.in_training("one")
    scheduler.pool.present.append("worker-2")  # a second worker must not train it again
    scheduler.step()
    assert scheduler.in_training("other") == [run]
    scheduler.queue.cancel_background("one")
    assert not scheduler.pool.commands and not scheduler.queue.background("one").busy
    finish(scheduler, run)
    assert [result.id for result in results] == [run.id]
    scheduler.submit_background("third", 2)
    scheduler.step()
    scheduler.queue.cancel_background("third")
    assert [command for _, _, command in scheduler.pool.commands] == ["stop"]


def test_two_owners_of_a_preempted_run_continue_it_once(scheduler: Scheduler) -> None:
    results: list[Run] = []
    scheduler.submit_background("one", 1, on_end=results.append)
    scheduler.submit_background("other", 1, on_end=results.append)
    scheduler.step()
    [run] = scheduler.in_training("one")
    scheduler.learn(run.id, 0, 1)
    scheduler.pool.present.append("worker-2")
    scheduler.step()  # the other's task joins the run
    scheduler.pool.present.remove("worker-2")
    visitor = scheduler.submit("a", 2)
    scheduler.step()
    scheduler.obey()
    scheduler.queue.cancel_background("one")
    scheduler.report(visitor.id, Outcome("done", "Done."), None)
    [continued] = scheduler.in_training("other")
    assert continued.id == run.id and continued.last_epoch == 1
    finish(scheduler, continued)
    assert [result.id for result in results] == [run.id]


def test_a_visitors_run_does_a_task_too_unless_the_visitor_stops_it(scheduler: Scheduler) -> None:
    results: list[Run] = []
    for _ in range(MOST_FAULTS + 1):  # a stop is no fault
        scheduler.pool.present[:] = ["worker-1"]
        visitor = scheduler.submit("a", 1)
        scheduler.step()
        if not scheduler.queue.background("one").busy:
            scheduler.submit_background("one", 1, on_end=results.append)
        scheduler.pool.present.append("worker-2")
        scheduler.step()
        assert [run.id for run in scheduler.in_training("one")] == [visitor.id]
        scheduler.pool.present.clear()
        scheduler.queue.stop(visitor.id, "a")
        scheduler.obey()
        assert not results and scheduler.queue.background("one").waiting == 1
    scheduler.pool.present.append("worker-1")
    scheduler.step()
    [own] = scheduler.in_training("one")
    assert own.id != visitor.id
    finish(scheduler, own)
    assert [result.id for result in results] == [own.id]


def test_a_result_is_handed_on_before_its_task_leaves_the_lane(scheduler: Scheduler) -> None:
    seen: list[bool] = []

    def on_end(_: Run) -> None:
        seen.append(scheduler.queue.background("one").busy)
        raise OSError("The result cannot be kept.")

    scheduler.submit_background("one", 1, on_end=on_end)
    scheduler.step()
    finish(scheduler, scheduler.in_training("one")[0])
    assert seen == [True]
    assert not scheduler.queue.background("one").busy


def test_a_run_of_an_experiment_is_not_for_visitors_to_command(scheduler: Scheduler) -> None:
    scheduler.submit_background("one", 1)
    scheduler.step()
    [run] = scheduler.in_training("one")
    scheduler.learn(run.id, 0)
    for command in (scheduler.queue.pause, scheduler.queue.stop):
        with pytest.raises(RunError, match="experiment"):
            command(run.id, "a")
    assert scheduler.queue.run(run.id).status == "training" and not scheduler.pool.commands


def test_too_many_tasks_are_refused(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_IN_BACKGROUND", 3)
    scheduler.submit_background("one", 1, 2)
    with pytest.raises(RunError, match="3"):
        scheduler.submit_background("other", 3, 4)
    assert not scheduler.queue.background("other").busy
    scheduler.submit_background("other", 3)


def task(
    on_end: Callable[[Run], None],
    epochs: int,
    seed: int,
    batch_size: int = 128,
    data: ChosenData = DATA,
) -> BackgroundTask:
    job = Job(NETWORK, data.choice, settings(epochs, seed, batch_size=batch_size))
    return BackgroundTask(job, data, 0.01, on_end)


def test_background_runs_keep_their_last_epoch_and_are_not_done_twice(
    engine: Engine, store: RunStore
) -> None:
    results: list[Run] = []
    engine.submit_background("one", [task(results.append, 3, 81), task(results.append, 2, 82)])
    until(lambda: len(results) == 2)
    assert [run.status for run in results] == ["done", "done"]
    assert results[0].kept == (3,) and len(results[0].epochs) == 4
    assert not engine.background("one").busy
    engine.submit_background("other", [task(results.append, 3, 81)])
    until(lambda: len(results) == 3)
    assert results[2] == results[0]
    whole = ended(engine, engine.submit(NETWORK, settings(3, 81), DATA, "a"))
    assert whole.id != results[0].id and whole.kept == (0, 1, 2, 3)
    np.testing.assert_array_equal(store.weights(whole.id, 3), store.weights(results[0].id, 3))
    engine.submit_background("third", [task(results.append, 3, 81)])
    until(lambda: len(results) == 4)
    assert results[3].id == whole.id


def test_a_preempted_run_goes_on_to_the_same_numbers(
    engine: Engine,
) -> None:
    results: list[Run] = []
    engine.submit_background("one", [task(results.append, 30, 83, 8, MANY)])
    until(lambda: any(run.last_epoch >= 2 for run in engine.background("one").training))
    [running] = engine.background("one").training
    with pytest.raises(RunError, match="experiment"):
        engine.pause(running.id, "a")
    visitor = engine.submit(NETWORK, settings(1, 84), DATA, "a")
    assert ended(engine, visitor).status == "done"
    assert not results
    until(lambda: bool(results))
    [gone_on] = results
    assert gone_on.id == running.id and gone_on.status == "done"
    assert [record.epoch for record in gone_on.epochs] == list(range(31))
    whole = ended(engine, engine.submit(NETWORK, settings(30, 83, batch_size=8), MANY, "a"))
    assert [e.validation_loss for e in whole.epochs] == [e.validation_loss for e in gone_on.epochs]


def test_a_run_whose_worker_dies_goes_on_and_a_cancel_withdraws_the_rest(engine: Engine) -> None:
    results: list[Run] = []
    tasks = [
        task(results.append, 12, 85, 8, MANY),
        *(task(results.append, 100, seed, 8, MANY) for seed in (86, 87)),
    ]
    engine.submit_background("one", tasks)
    until(lambda: any(run.last_epoch >= 1 for run in engine.background("one").training))
    os.kill(engine.call(os.getpid).result(), signal.SIGKILL)
    until(lambda: bool(results))
    assert results[0].status == "done" and results[0].last_epoch == 12
    until(lambda: bool(engine.background("one").training))
    assert engine.background("one").waiting == 1
    [running] = engine.background("one").training
    engine.cancel_background("one")
    assert not engine.background("one").busy
    assert ended(engine, running).status == "stopped"
    assert len(results) == 1
