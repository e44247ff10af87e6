"""What the dispatcher does when workers die, hang, grow old or stay away."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from cnn.training.events import Outcome
from cnn.training.run import RunError
from cnn.training.scheduling import dispatcher, queued
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.training.engines import DATA, MANY, ended, learned, long, until
from tests.training.examples import NETWORK, settings
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
    scheduler.step(queued.START_PATIENCE - 1)
    assert scheduler.queue.run(loading.id).status == "starting" and not scheduler.pool.restarted
    scheduler.step(2)
    assert scheduler.queue.run(loading.id).status == "stopped"
    assert scheduler.pool.restarted == ["worker-1"]
    training = scheduler.submit("a", 2)
    scheduler.step()
    scheduler.learn(training.id, 0, 1)
    scheduler.queue.stop(training.id, "a")
    scheduler.step(queued.STOP_PATIENCE - 1)
    assert scheduler.queue.run(training.id).live
    scheduler.step(2)
    assert scheduler.queue.run(training.id).last_epoch == 1
    assert scheduler.pool.restarted == ["worker-1", "worker-1"]


def test_a_run_whose_worker_is_gone_unnoticed_is_interrupted(scheduler: Scheduler) -> None:
    run = scheduler.submit("a", 1)
    scheduler.step()
    scheduler.learn(run.id, 0, 1)
    scheduler.step(5)
    assert scheduler.queue.run(run.id).status == "training"
    scheduler.pool.present[:] = ["worker-2"]
    scheduler.step(5)
    lost = scheduler.queue.run(run.id)
    assert (lost.status, lost.last_epoch) == ("interrupted", 1)
    assert scheduler.pool.forgotten == [scheduler.key(run.id)]


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


def test_a_run_that_cannot_be_sent_to_its_worker_fails(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError("connection lost")

    with monkeypatch.context() as away:
        away.setattr(scheduler.pool, "start", fails)
        run = scheduler.submit("a", 1)
        scheduler.step()
    assert scheduler.queue.run(run.id).status == "failed"
    other = scheduler.submit("a", 2)
    scheduler.step()
    assert scheduler.queue.run(other.id).status == "starting"


def test_a_killed_worker_ends_its_run_and_no_other(engine: Engine) -> None:
    run = long(engine, 6)
    learned(engine, run)
    pid = engine.call(os.getpid).result()
    other = engine.call(time.sleep, 60)
    until(other.running)
    os.kill(pid, signal.SIGKILL)
    broken = ended(engine, run)
    assert broken.status == "interrupted"
    assert broken.last_epoch >= 1
    with pytest.raises(RunError):
        other.result()
    assert ended(engine, engine.submit(NETWORK, settings(2, 61), DATA, "a")).status == "done"


def test_a_hanging_worker_is_restarted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queued, "STOP_PATIENCE", 0.5)
    run = long(engine, 7)
    learned(engine, run)
    pid = engine.call(os.getpid).result()
    os.kill(pid, signal.SIGSTOP)
    engine.stop(run.id, "a")
    assert ended(engine, run).status == "stopped"
    assert ended(engine, engine.submit(NETWORK, settings(2, 71), DATA, "a")).status == "done"
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
    assert broken.status == "interrupted"
    assert broken.last_epoch >= 2
    engine = Engine(store)
    try:
        going_on = engine.continue_run(run_id, MANY, "a")
        assert going_on.epochs == broken.epochs
        learned(engine, going_on, broken.last_epoch + 1)
    finally:
        engine.close()
    assert store.run(going_on.id).status == "interrupted"
