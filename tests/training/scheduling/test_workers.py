"""Questions to the workers: side by side, in their order, withdrawn, shared; and training resources."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnn.training.events import EpochEnd, Outcome
from cnn.training.run import RunError
from cnn.training.scheduling import cluster
from cnn.training.scheduling.workers import WorkerPool
from cnn.training.worker.worker_tasks import TrainingRequest
from tests.training.engines import until
from tests.training.examples import NETWORK, settings
from tests.training.worker.test_task import blots


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(1, None)
    pool.connect()
    yield pool
    pool.close()


class Door:
    """Holds up a question on a worker until it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)

    def open(self) -> None:
        self.path.write_text("go on")


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[list[Door]]:
    doors = [Door(tmp_path / f"door-{number}") for number in range(cluster.THREADS)]
    yield doors


def until_sent(pool: WorkerPool, count: int) -> None:
    """Wait until the worker has exactly so many questions that it has not answered."""
    client = pool.connect()
    until(lambda: sum(map(len, client.processing().values())) == count)
    client.run(os.getpid)  # the scheduler has told the worker before this comes back


def test_an_answer_or_an_error_comes_back(pool: WorkerPool) -> None:
    assert pool.call(divmod, 7, 2).result(timeout=60) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        pool.call(divmod, 7, 0).result(timeout=60)
    with pytest.raises(TypeError):
        pool.call(len, threading.Lock()).result(timeout=60)  # cannot be sent


def test_a_question_that_hangs_does_not_hold_up_the_others(
    pool: WorkerPool, doors: list[Door]
) -> None:
    hanging = [pool.call(Path.read_text, door.path) for door in doors[:-1]]
    until(lambda: all(one.running() for one in hanging))
    assert pool.call(divmod, 7, 2).result(timeout=60) == (3, 1)
    assert not any(one.done() for one in hanging)
    for door, one in zip(doors, hanging, strict=False):
        door.open()
        assert one.result(timeout=60) == "go on"


def test_a_question_that_was_withdrawn_never_runs(
    pool: WorkerPool, doors: list[Door], tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    running = [pool.call(Path.read_text, door.path) for door in doors]
    until(lambda: all(one.running() for one in running))
    withdrawn, last = pool.call(Path.touch, mark), pool.call(divmod, 7, 2)
    assert withdrawn.cancel() and not running[0].cancel()
    until_sent(pool, len(doors) + 1)
    for door, one in zip(doors, running, strict=True):
        door.open()
        assert one.result(timeout=60) == "go on"
    assert last.result(timeout=60) == (3, 1)
    assert not mark.exists()


def test_what_is_for_later_lets_the_others_go_first(
    pool: WorkerPool, doors: list[Door], tmp_path: Path
) -> None:
    said = tmp_path / "said"
    running = [pool.call(Path.read_text, door.path) for door in doors]
    until(lambda: all(one.running() for one in running))
    calls = [
        pool.call(os.system, f"echo {word} >> {said}", later=word.startswith("later"))
        for word in ("later1", "first", "later2", "second")
    ]
    until_sent(pool, len(doors) + len(calls))
    doors[0].open()  # one thread answers them one by one
    assert [call.result(timeout=60) for call in calls] == [0] * 4
    assert said.read_text().split() == ["first", "second", "later1", "later2"]
    for door in doors[1:]:
        door.open()


def test_equal_questions_share_one_answer(
    pool: WorkerPool, doors: list[Door], tmp_path: Path
) -> None:
    said = tmp_path / "said"
    command = f"echo once >> {said}; cat {doors[0].path} > /dev/null"
    first = pool.call(os.system, command, key="the same")
    until(first.running)
    second = pool.call(os.system, command, key="the same")
    third = pool.call(os.system, command, key="the same")
    assert third.cancel()  # the others still want it
    doors[0].open()
    assert (first.result(timeout=60), second.result(timeout=60)) == (0, 0)
    assert said.read_text().split() == ["once"]
    assert pool.call(os.system, f"echo again >> {said}", key="another").result(timeout=60) == 0
    assert said.read_text().split() == ["once", "again"]


def test_a_worker_trains_one_run_at_a_time_and_obeys_commands(pool: WorkerPool) -> None:
    [worker] = pool.workers()
    request = TrainingRequest(NETWORK, settings(100, batch_size=8), blots(), None)
    pool.start("training-first", worker, request)
    key, event = pool.events.get(timeout=60)
    assert (key, type(event)) == ("training-first", EpochEnd)
    pool.start("training-second", worker, request)
    assert pool.call(divmod, 7, 2).result(timeout=60) == (3, 1)
    pool.send_command("training-second", worker, "stop")
    pool.send_command("training-first", worker, "stop")
    seen = [pool.events.get(timeout=60) for _ in range(pool.events.qsize())]
    while ("training-second", None) not in seen:
        seen.append(pool.events.get(timeout=60))
    endings = [key for key, event in seen if isinstance(event, Outcome)]
    assert endings == ["training-first", "training-second"]
    keys = [key for key, event in seen if event is not None]
    assert keys == sorted(keys)  # nothing of the second before the first has ended
    # Events carry weights: the scheduler must keep no more than the last few.
    kept = pool.connect().get_events()
    assert all(len(events) <= 10 for events in kept.values())


def test_a_lost_cluster_is_replaced_and_its_open_questions_fail(doors: list[Door]) -> None:
    pool = WorkerPool(1, None)
    try:
        early = pool.call(divmod, 7, 2)  # before there is any connection
        pool.submit_backlog()
        assert early.result(timeout=60) == (3, 1)
        before = pool.workers()
        hanging = pool.call(Path.read_text, doors[0].path)
        until(hanging.running)
        pool.restart_cluster()
        with pytest.raises(RunError):
            hanging.result(timeout=60)
        assert pool.call(divmod, 8, 2).result(timeout=60) == (4, 0)
        assert not set(pool.workers()) & set(before)
        hanging = pool.call(Path.read_text, doors[1].path)
        until(hanging.running)
    finally:
        pool.close()
    with pytest.raises(RunError, match="closed"):
        hanging.result(timeout=0)
    with pytest.raises(RunError, match="closed"):
        pool.call(divmod, 7, 2).result(timeout=0)


def test_questions_that_wait_when_the_server_closes_fail() -> None:
    pool = WorkerPool(1, None)
    waiting = pool.call(divmod, 8, 2)
    pool.close()
    with pytest.raises(RunError, match="closed"):
        waiting.result(timeout=0)


def test_questions_fail_where_nobody_answers() -> None:
    pool = WorkerPool(1, "tcp://127.0.0.1:1?")
    withdrawn, asked = pool.call(divmod, 8, 2), pool.call(divmod, 7, 2)
    withdrawn.cancel()
    pool.submit_backlog()
    with pytest.raises(RunError):
        asked.result(timeout=0)
    pool.close()
