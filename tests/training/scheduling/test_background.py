"""The background lane with a real worker: it waits for people, goes on exactly, and loses nothing."""

import os
import signal

import numpy as np

from cnn.training.job import Job
from cnn.training.run import Run, RunError
from cnn.training.scheduling.background import Wish
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.training.engines import DATA, MANY, ended, long, until
from tests.training.examples import NETWORK, settings


def wish(told: list[Run], epochs: int, seed: int, batch_size: int = 128, data=DATA) -> Wish:
    job = Job(NETWORK, data.choice, settings(epochs, seed, batch_size=batch_size))
    return Wish(job, data, 0.01, told.append)


def test_background_runs_keep_their_last_epoch_and_are_not_done_twice(
    engine: Engine, store: RunStore
) -> None:
    told: list[Run] = []
    engine.submit_background("one", [wish(told, 3, 81), wish(told, 2, 82)])
    until(lambda: len(told) == 2)
    assert [run.status for run in told] == ["done", "done"]
    assert told[0].kept == (3,) and len(told[0].epochs) == 4
    assert not engine.background("one").busy
    engine.submit_background("other", [wish(told, 3, 81)])
    until(lambda: len(told) == 3)
    assert told[2] == told[0]
    whole = ended(engine, engine.submit(NETWORK, settings(3, 81), DATA, "a"))
    assert whole.id != told[0].id and whole.kept == (0, 1, 2, 3)
    np.testing.assert_array_equal(store.weights(whole.id, 3), store.weights(told[0].id, 3))
    engine.submit_background("third", [wish(told, 3, 81)])
    until(lambda: len(told) == 4)
    assert told[3].id == whole.id


def test_a_background_run_makes_way_for_a_person_and_goes_on_to_the_same_end(
    engine: Engine,
) -> None:
    told: list[Run] = []
    engine.submit_background("one", [wish(told, 30, 83, 8, MANY)])
    until(lambda: any(run.last_epoch >= 2 for run in engine.background("one").training))
    [running] = engine.background("one").training
    try:
        engine.pause(running.id, "a")
    except RunError as error:
        assert "belongs to an experiment" in str(error)
    person = engine.submit(NETWORK, settings(1, 84), DATA, "a")
    assert ended(engine, person).status == "done"
    assert not told
    until(lambda: bool(told))
    [gone_on] = told
    assert gone_on.id == running.id and gone_on.status == "done"
    assert [record.epoch for record in gone_on.epochs] == list(range(31))
    whole = ended(engine, engine.submit(NETWORK, settings(30, 83, batch_size=8), MANY, "a"))
    assert [e.validation_loss for e in whole.epochs] == [e.validation_loss for e in gone_on.epochs]


def test_a_run_whose_worker_dies_goes_on_and_a_cancel_withdraws_the_rest(engine: Engine) -> None:
    told: list[Run] = []
    wishes = [wish(told, 12, 85, 8, MANY), *(wish(told, 100, seed, 8, MANY) for seed in (86, 87))]
    engine.submit_background("one", wishes)
    until(lambda: any(run.last_epoch >= 1 for run in engine.background("one").training))
    os.kill(engine.call(os.getpid).result(), signal.SIGKILL)
    until(lambda: bool(told))
    assert told[0].status == "done" and told[0].last_epoch == 12
    until(lambda: bool(engine.background("one").training))
    assert engine.background("one").waiting == 1
    [running] = engine.background("one").training
    engine.cancel_background("one")
    assert not engine.background("one").busy
    assert ended(engine, running).message == "Its experiment was cancelled."
    assert len(told) == 1


def test_a_run_that_a_person_trains_is_shared_and_done_anew_if_that_is_stopped(
    engine: Engine,
) -> None:
    told: list[Run] = []
    person = long(engine, 88)
    until(lambda: engine.run(person.id).status == "training")
    engine.submit_background("one", [wish(told, 100, 88, 8, MANY)])
    assert engine.background("one").waiting == 1
    engine.stop(person.id, "a")
    ended(engine, person)
    until(lambda: any(run.id != person.id for run in engine.background("one").training))
    assert not told
    engine.cancel_background("one")
