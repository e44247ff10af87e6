"""What the dispatcher does when workers die, hang, grow old or stay away."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from cnn.training.events import Outcome, Point
from cnn.training.job import Job
from cnn.training.run import Run, RunError
from cnn.training.scheduling import active_runs, dispatcher, limits, trainings, workers
from cnn.training.scheduling.background import BackgroundTask
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.training.engines import DATA, MANY, ended, learned, long, until
from tests.training.examples import NETWORK, epoch_end, settings
from tests.training.scheduling.fakes import DATA as SMALL
from tests.training.scheduling.fakes import Scheduler

ROOT = Path(__file__).parents[3]


@pytest.fixture
def scheduler(tmp_path: Path) -> Scheduler:
    return Scheduler(tmp_path)


def test_a_worker_that_ignores_a_stop_is_restarted_when_its_patience_is_over(
    scheduler: Scheduler,
) -> None:
    loading = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.queue.stop(loading.id, "a")
    scheduler.step(active_runs.START_PATIENCE - 1)
    assert scheduler.queue.run(loading.id).status == "starting" and not scheduler.pool.restarted
    scheduler.step(2)
    assert scheduler.queue.run(loading.id).status == "stopped"
    assert scheduler.pool.restarted == ["worker-1"]
    training = scheduler.submit("a", 2)
    scheduler.step()
    scheduler.learn(training.id, 0, 1)
    scheduler.queue.stop(training.id, "a")
    scheduler.step(active_runs.STOP_PATIENCE - 1)
    assert scheduler.queue.run(training.id).live
    scheduler.step(2)
    assert scheduler.queue.run(training.id).last_epoch == 1
    assert scheduler.pool.restarted == ["worker-1", "worker-1"]


@pytest.mark.parametrize("error", [TimeoutError(), OSError("Stream is closed")])
def test_a_run_goes_on_where_its_worker_dies_or_hangs_as_it_begins(
    scheduler: Scheduler, error: Exception
) -> None:
    scheduler.pool.start_errors.append(error)
    run = scheduler.submit("a", 1)
    scheduler.step()
    assert scheduler.pool.restarted == ["worker-1"]
    assert scheduler.queue.run(run.id).status == "starting"
    assert scheduler.key(run.id)


def test_idle_workers_are_released_once(scheduler: Scheduler) -> None:
    scheduler.pool.idle_seconds = limits.LONGEST_IDLE - 1
    scheduler.step()
    assert scheduler.pool.released == 0
    scheduler.pool.idle_seconds += 2
    scheduler.step()
    scheduler.step()
    assert scheduler.pool.released == 1


def test_released_workers_come_back_for_what_is_expected_and_train(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned(engine, long(engine, 61))
    processes = psutil.Process().children(recursive=True)
    with monkeypatch.context() as patched:
        patched.setattr(limits, "LONGEST_IDLE", 0.0)
        time.sleep(2)
        assert engine.live() and engine._pool.connected  # they are at work
        for run in engine.live():
            engine.stop(run.id, "a")
        until(lambda: not any(one.is_running() for one in processes))
    engine.expect()
    until(lambda: engine._pool.connected)
    assert ended(engine, engine.submit(NETWORK, settings(1, 62), DATA, "a")).status == "done"


def test_a_run_whose_worker_is_gone_unnoticed_goes_on_with_another(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    scheduler.step(5)
    assert scheduler.queue.run(run.id).status == "training"
    before = scheduler.key(run.id)
    scheduler.pool.present.clear()
    scheduler.step(5)
    lost = scheduler.queue.run(run.id)
    assert (lost.status, lost.last_epoch) == ("queued", 1)
    assert scheduler.pool.forgotten == [before]
    scheduler.pool.present.append("worker-2")
    scheduler.step()
    start = scheduler.pool.requests[scheduler.key(run.id)].start
    assert start is not None and start.epoch == 1


def test_a_training_that_reports_nothing_is_stuck_and_goes_on_with_another_worker(
    scheduler: Scheduler,
) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.step(active_runs.FIRST_NEWS - 1)
    assert not scheduler.pool.restarted
    scheduler.learn(run.id, 0, 1)
    scheduler.step(active_runs.NEWS - 1)
    scheduler.report(run.id, Point(1.5, 1.0, 0.5))
    scheduler.step(active_runs.NEWS - 1)
    assert not scheduler.pool.restarted
    key, other = scheduler.key(run.id), scheduler.submit("b", 2)
    scheduler.pool.present.clear()  # the new worker takes a while to come
    scheduler.dispatcher._checked = scheduler.clock.now + 99  # only the silence gives it away
    scheduler.step(2)
    assert scheduler.pool.restarted == ["worker-1"] and scheduler.pool.forgotten == [key]
    stuck = scheduler.queue.run(run.id)
    assert (stuck.status, stuck.last_epoch) == ("queued", 1)
    assert "stopped responding" in stuck.message and "after epoch 1" in stuck.message
    assert all(scheduler.queue.position(one.id) for one in (run, other))
    scheduler.queue.trainings.record(key, epoch_end(2))  # what the dead worker still had on its way
    assert scheduler.queue.run(run.id).last_epoch == 1


def test_a_slow_network_is_given_several_times_its_expected_time(scheduler: Scheduler) -> None:
    scheduler.queue.trainings.note_speed(1e5)  # a very slow machine
    run = scheduler.submit("a", 1)
    scheduler.step()
    epoch = 1e5 * limits.seconds_per_epoch(run.job, SMALL)
    scheduler.step(active_runs.FIRST_NEWS + (active_runs.SLOWER - 1) * epoch)
    assert not scheduler.pool.restarted
    scheduler.step(2 * epoch)
    assert scheduler.pool.restarted == ["worker-1"]


def test_a_paused_run_is_not_stuck(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    scheduler.queue.pause(run.id, "a")
    scheduler.step(1800)
    assert not scheduler.pool.restarted
    scheduler.queue.resume(run.id, "a")
    scheduler.step(active_runs.NEWS - 1)
    assert not scheduler.pool.restarted
    scheduler.step(2)
    assert scheduler.pool.restarted == ["worker-1"]


def test_a_run_that_gets_stuck_again_and_again_ends_with_its_epochs(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    for fault in range(trainings.MOST_FAULTS):
        assert scheduler.queue.run(run.id).live
        # Whoever was taken for stuck is given twice the time: it may only be slow.
        scheduler.step((2 * active_runs.FIRST_NEWS) * 2**fault)
        assert len(scheduler.pool.restarted) == fault + 1
        scheduler.step()
    ended = scheduler.queue.run(run.id)
    assert (ended.status, ended.last_epoch) == ("interrupted", 1)


def test_the_time_of_a_stuck_run_is_not_charged_to_its_person(scheduler: Scheduler) -> None:
    stuck, other = scheduler.submit("a", 1), scheduler.submit("b", 2)
    scheduler.step()
    scheduler.learn(stuck.id, 0, 1)
    scheduler.step(active_runs.NEWS + 1)
    assert scheduler.pool.restarted
    assert scheduler.queue.run(other.id).status == "starting"
    third = scheduler.submit("c", 3)
    assert scheduler.queue.position(stuck.id).position == 1
    assert scheduler.queue.position(third.id).position == 2


def test_the_cluster_is_started_anew_when_no_worker_comes(scheduler: Scheduler) -> None:
    scheduler.pool.present.clear()
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.step(dispatcher.LONGEST_WITHOUT_WORKERS - 1)
    assert scheduler.pool.cluster_restarts == 0
    scheduler.step(2)
    assert scheduler.pool.cluster_restarts == 1
    scheduler.step(dispatcher.LONGEST_WITHOUT_WORKERS - 1)
    assert scheduler.pool.cluster_restarts == 1
    scheduler.pool.present.append("worker-1")
    scheduler.step()
    assert scheduler.queue.run(run.id).status == "starting"


def test_a_worker_is_replaced_after_many_runs(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "RUNS_PER_WORKER", 2)
    for seed in range(3):
        run = scheduler.submit("a", seed)
        scheduler.step()
        scheduler.step()
        assert scheduler.pool.restarted == ["worker-1"] * (seed == 2)
        scheduler.report(run.id, Outcome("done", "Done."), None)


def test_where_no_worker_can_be_started_runs_fail_and_experiments_wait(
    scheduler: Scheduler,
) -> None:
    scheduler.pool.error = OSError("nobody answers")
    run = scheduler.submit("a", 1)
    scheduler.submit_background("one", 2)
    with pytest.raises(OSError):
        scheduler.step()
    assert scheduler.queue.run(run.id).status == "failed"
    assert "nobody answers" in scheduler.queue.run(run.id).message
    assert scheduler.queue.background("one").waiting == 1
    scheduler.pool.error = None
    scheduler.step()
    assert len(scheduler.in_training("one")) == 1


def test_a_run_that_can_be_sent_to_no_worker_ends(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError("connection lost")

    with monkeypatch.context() as away:
        away.setattr(scheduler.pool, "start", fails)
        run = scheduler.submit("a", 1)
        scheduler.step()
    assert scheduler.queue.run(run.id).status == "interrupted"
    assert len(scheduler.pool.restarted) == trainings.MOST_FAULTS
    other = scheduler.submit("a", 2)
    scheduler.step()
    assert scheduler.queue.run(other.id).status == "starting"


def numbers(run: Run) -> list[tuple[float, ...]]:
    return [(one.loss, one.accuracy, one.validation_loss, *one.gradients) for one in run.epochs]


def test_a_run_goes_on_bit_by_bit_when_its_worker_hangs_or_is_killed(
    engine: Engine, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen_settings = settings(12, 6, batch_size=8)
    results: list[Run] = []
    job = Job(NETWORK, MANY.choice, chosen_settings)
    engine.submit_background("one", [BackgroundTask(job, MANY, 0.01, results.append)])
    until(lambda: bool(results))  # undisturbed
    run = engine.submit(NETWORK, chosen_settings, MANY, "a")
    for signal_sent in (signal.SIGSTOP, signal.SIGKILL):
        learned(engine, run, engine.run(run.id).last_epoch + 1)
        pid = engine.call(os.getpid).result()
        other = engine.call(time.sleep, 60)
        until(other.running)
        os.kill(pid, signal_sent)
        with monkeypatch.context() as patched:
            patched.setattr(workers, "SILENCE", 5.0)  # only here: a busy machine is slow, too
            with pytest.raises(RunError):
                other.result(timeout=240)
        until(lambda: engine.run(run.id).status == "training")
    done = ended(engine, run)
    assert (done.status, done.last_epoch) == ("done", 12)
    assert numbers(done) == numbers(results[0])
    np.testing.assert_array_equal(store.weights(run.id, 12), store.weights(results[0].id, 12))


def test_a_scheduler_that_hangs_is_replaced_and_runs_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(RunStore(tmp_path))
    try:
        run = engine.submit(NETWORK, settings(12, 6, batch_size=8), MANY, "a")
        learned(engine, run)
        process = engine._pool._process
        assert process is not None
        family = psutil.Process(process.pid).children(recursive=True)
        with monkeypatch.context() as patched:
            patched.setattr(workers, "SILENCE", 5.0)
            os.kill(process.pid, signal.SIGSTOP)
            process.wait(timeout=240)
        assert ended(engine, run).status == "done"
        until(lambda: not any(one.is_running() for one in family))
    finally:
        engine.close()


def test_a_hanging_worker_is_restarted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(active_runs, "STOP_PATIENCE", 0.5)
    run = long(engine, 7)
    learned(engine, run)
    pid = engine.call(os.getpid).result()
    os.kill(pid, signal.SIGSTOP)
    engine.stop(run.id, "a")
    assert ended(engine, run).status == "stopped"
    assert ended(engine, engine.submit(NETWORK, settings(2, 71), DATA, "a")).status == "done"
    assert engine.call(os.getpid).result() != pid


def test_a_question_that_hangs_is_given_up_and_its_worker_replaced(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = long(engine, 8)
    learned(engine, run)
    pid = engine.call(os.getpid).result()
    os.mkfifo(tmp_path / "door")
    with monkeypatch.context() as patched:
        patched.setattr(workers, "LONGEST_ANSWER", 2.0)
        with pytest.raises(RunError, match="too long"):
            engine.call(Path.read_text, tmp_path / "door").result(timeout=240)
    until(lambda: not psutil.pid_exists(pid))
    assert engine.call(divmod, 7, 2).result(timeout=240) == (3, 1)
    learned(engine, run, engine.run(run.id).last_epoch + 1)
    assert engine.call(os.getpid).result() != pid


def test_runs_fail_with_a_sentence_where_there_are_no_workers(tmp_path: Path) -> None:
    engine = Engine(RunStore(tmp_path), scheduler="tcp://127.0.0.1:1?")
    try:
        run = engine.submit(NETWORK, settings(), DATA, "a")
        assert ended(engine, run).status == "failed"
        with pytest.raises(RunError):
            engine.call(divmod, 7, 2).result(timeout=60)
    finally:
        engine.close()


SERVER = """
import sys, time
from pathlib import Path
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.training.examples import NETWORK, chosen, settings

engine = Engine(RunStore(Path(sys.argv[1])))
run = engine.submit(NETWORK, settings(100, batch_size=8), chosen(4000), "a")
while engine.run(run.id).last_epoch < 2:
    time.sleep(0.05)
assert not {"tensorflow", "keras"} & sys.modules.keys()
print(run.id, flush=True)
time.sleep(600)
"""


def test_a_killed_server_leaves_no_process_and_loses_no_epoch(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    run_id = server.stdout.readline().strip()
    assert run_id
    family = psutil.Process(server.pid).children(recursive=True)
    assert len(family) >= 2
    server.kill()
    server.wait()
    server.stdout.close()
    until(lambda: not any(process.is_running() for process in family))

    store = RunStore(tmp_path)
    broken = store.run(run_id)
    assert broken.last_epoch >= 2
    engine = Engine(store, images=lambda _: MANY)
    try:
        going_on = engine.run(run_id)
        assert (going_on.epochs, going_on.owner) == (broken.epochs, "a")
        learned(engine, going_on, broken.last_epoch + 1)
    finally:
        engine.close()
    assert store.run(run_id).status == "interrupted"
