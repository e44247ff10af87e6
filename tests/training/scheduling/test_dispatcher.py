"""What the engine does when workers die, hang, grow old or stay away."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from cnn.training.run import RunError
from cnn.training.scheduling import dispatcher
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.training.engines import DATA, MANY, ended, learned, long, until
from tests.training.examples import NETWORK, settings

ROOT = Path(__file__).parents[2]


def test_a_killed_worker_ends_its_run_and_no_other(engine: Engine) -> None:
    run = long(engine, 6)
    learned(engine, run)
    pid = engine.call(os.getpid).result()
    other = engine.call(time.sleep, 60)
    os.kill(pid, signal.SIGKILL)
    broken = ended(engine, run)
    assert broken.status == "interrupted"
    assert "went away" in broken.message
    assert broken.last_epoch >= 1
    with pytest.raises(RunError, match="went away"):
        other.result()
    assert ended(engine, engine.submit(NETWORK, settings(2, 61), DATA, "a")).status == "done"


def test_a_worker_that_ignores_a_stop_is_restarted(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn.training.scheduling.active_run.STOP_PATIENCE", 0.5)
    monkeypatch.setattr(engine._foreman.workforce, "tell", lambda *_: None)
    run = long(engine, 7)
    learned(engine, run)
    engine.stop(run.id, "a")
    assert "by force" in ended(engine, run).message
    assert ended(engine, engine.submit(NETWORK, settings(2, 71), DATA, "a")).status == "done"


def test_a_worker_is_replaced_after_many_runs(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(engine, engine.submit(NETWORK, settings(1, 12), DATA, "a"))
    before = engine.call(os.getpid).result()
    monkeypatch.setattr(dispatcher, "RUNS_PER_WORKER", 1)
    run = engine.submit(NETWORK, settings(2, 12), DATA, "a")
    assert ended(engine, run).status == "done"
    assert engine.call(os.getpid).result() != before


def test_events_do_not_pile_up_in_the_scheduler(engine: Engine) -> None:
    ended(engine, engine.submit(NETWORK, settings(2, 11), DATA, "a"))
    client = engine._foreman.workforce.connect()
    assert len(client.get_events(engine._foreman.workforce._topic)) == 0


def test_runs_fail_with_a_sentence_where_there_are_no_workers(tmp_path: Path) -> None:
    engine = Engine(RunStore(tmp_path), scheduler="tcp://127.0.0.1:1?")
    try:
        run = engine.submit(NETWORK, settings(), DATA, "a")
        assert "No worker could be started" in ended(engine, run).message
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


def test_the_cluster_is_started_anew_when_no_worker_comes(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    workforce = engine._foreman.workforce
    workforce.connect()
    before = workforce._process.pid
    monkeypatch.setattr(dispatcher, "LONGEST_WITHOUT_WORKERS", 0.5)
    with monkeypatch.context() as away:
        away.setattr(workforce, "workers", list)
        run = engine.submit(NETWORK, settings(1, 14), DATA, "a")
        until(lambda: workforce._process is not None and workforce._process.pid != before)
    monkeypatch.undo()
    assert ended(engine, run).status == "done"


def test_a_run_whose_worker_is_gone_unheard_is_interrupted(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = long(engine, 15)
    learned(engine, run)
    with monkeypatch.context() as away:
        away.setattr(engine._foreman.workforce, "workers", lambda: ["tcp://elsewhere:1"])
        assert ended(engine, run).status == "interrupted"
    engine._foreman.workforce.restart(engine._foreman.workforce.workers()[0])
