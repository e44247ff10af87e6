"""The engine with a real worker that really trains (small networks on small images)."""

import time
from pathlib import Path

import numpy as np
import pytest

from cnn.network.spec import ConvolutionBlock, DenseLayer, Network, NetworkError
from cnn.training.job import Job, Phase
from cnn.training.run import Run, RunError
from cnn.training.scheduling import limits
from cnn.training.scheduling.background import BackgroundTask
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from cnn.ui.common.formatting import thousands
from tests.training.engines import DATA, MANY, ended, learned, long, until
from tests.training.examples import NETWORK, settings

ROOT = Path(__file__).parents[3]


def test_a_run_trains_to_its_end(engine: Engine, store: RunStore) -> None:
    run = engine.submit(NETWORK, settings(3), DATA, "a")
    assert run.live
    done = ended(engine, run)
    assert done.status == "done", done.message
    assert [record.epoch for record in done.epochs] == [0, 1, 2, 3]
    assert done.epochs[-1].loss < done.epochs[0].loss
    assert done.points
    assert done.kept == (0, 1, 2, 3)
    assert store.weights(run.id, 3).dtype == np.float32
    assert not np.array_equal(store.weights(run.id, 0), store.weights(run.id, 3))
    assert engine.submit(NETWORK, settings(3), DATA, "someone else") == done


def test_a_stop_keeps_the_whole_epochs(engine: Engine, store: RunStore) -> None:
    run = long(engine, 1)
    learned(engine, run, 2)
    engine.stop(run.id, "a")
    stopped = ended(engine, run)
    assert stopped.status == "stopped"
    assert 2 <= stopped.last_epoch < 100
    assert all(point.epoch <= stopped.last_epoch for point in stopped.points)
    assert len(store.weights(run.id, stopped.last_epoch)) == 8 * 8 * 2 + 2


def test_a_paused_run_waits_and_goes_on(engine: Engine) -> None:
    run = long(engine, 2)
    learned(engine, run)
    assert engine.pause(run.id, "a").status == "paused"
    with pytest.raises(RunError, match="Only a run that is training"):
        engine.pause(run.id, "a")
    seen: list[Run] = []

    def still() -> bool:
        seen.append(engine.run(run.id))
        time.sleep(0.5)
        return seen[-1].points == engine.run(run.id).points

    until(still)
    assert engine.run(run.id).status == "paused"
    engine.resume(run.id, "a")
    learned(engine, run, seen[-1].last_epoch + 1)
    assert engine.run(run.id).status == "training"
    with pytest.raises(RunError, match="Only a paused run"):
        engine.resume(run.id, "a")


def test_runs_wait_for_their_turn_in_order(engine: Engine) -> None:
    running = long(engine, 3, "a")
    learned(engine, running)
    first = engine.submit(NETWORK, settings(2, 31), DATA, "b")
    second = engine.submit(NETWORK, settings(2, 32), DATA, "c")
    positions = [engine.position(run.id) for run in (running, first, second)]
    assert positions[0] is None
    assert [one and one.position for one in positions] == [None, 1, 2]
    engine.stop(running.id, "a")
    assert ended(engine, second).created > ended(engine, first).created
    assert engine.run(first.id).updated <= engine.run(second.id).updated


def test_a_newer_request_replaces_the_one_that_waits(engine: Engine) -> None:
    running = long(engine, 4)
    learned(engine, running)
    first = engine.submit(NETWORK, settings(2, 41), DATA, "a")
    other = engine.submit(NETWORK, settings(2, 42), DATA, "b")
    second = engine.submit(NETWORK, settings(2, 43), DATA, "a")
    assert engine.run(first.id).status == "stopped"
    position = engine.position(second.id)
    assert position is not None and position.position == 2
    withdrawn = engine.stop(other.id, "b")
    assert withdrawn.status == "stopped"
    assert engine.run(running.id).live


def test_the_same_training_is_shared_and_each_may_leave_it(engine: Engine, store: RunStore) -> None:
    run = long(engine, 5, "a")
    assert long(engine, 5, "b").id == run.id
    learned(engine, run)
    with pytest.raises(RunError, match="Others follow"):
        engine.pause(run.id, "a")
    mine = engine.stop(run.id, "a")
    assert mine.id != run.id
    assert mine.status == "stopped"
    assert np.array_equal(store.weights(mine.id, 1), store.weights(run.id, 1))
    learned(engine, run, mine.last_epoch + 1)
    assert engine.stop(run.id, "b").id == run.id
    assert ended(engine, run).status == "stopped"


def test_a_run_continued_equals_one_long_run(engine: Engine, store: RunStore) -> None:
    short = ended(engine, engine.submit(NETWORK, settings(2, 8), DATA, "a"))
    more = ended(engine, engine.continue_run(short.id, DATA, "a", Phase(3, 0.01)))
    whole = ended(engine, engine.submit(NETWORK, settings(5, 8), DATA, "a"))
    assert more.parent is not None and (more.parent.run, more.parent.epoch) == (short.id, 2)
    assert [e.validation_loss for e in more.epochs] == [e.validation_loss for e in whole.epochs]
    assert np.array_equal(store.weights(more.id, 5), store.weights(whole.id, 5))
    assert engine.run(short.id) == short
    with pytest.raises(RunError, match="images it was trained on"):
        engine.continue_run(short.id, MANY, "a", Phase(3, 0.01))


def test_what_the_server_cannot_do_is_refused_with_a_sentence(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = Network(dense=(DenseLayer(512),) * 3)
    monkeypatch.setattr(limits, "MOST_PARAMETERS", 500_000)
    with pytest.raises(RunError, match=thousands(500_000)):
        engine.submit(wide, settings(), DATA, "a")
    monkeypatch.setattr(limits, "MOST_SECONDS", 0.001)
    with pytest.raises(RunError, match="minutes"):
        engine.submit(NETWORK, settings(), DATA, "a")
    monkeypatch.undo()
    run = ended(engine, engine.submit(NETWORK, settings(2, 9), DATA, "a"))
    with pytest.raises(RunError, match="1 to 100 epochs"):
        engine.continue_run(run.id, DATA, "a", Phase(99, 0.01))
    with pytest.raises(NetworkError):
        engine.submit(Network((ConvolutionBlock(kernel=9),)), settings(), DATA, "a")
    with pytest.raises(RunError, match="There is no run"):
        engine.run("../elsewhere")
    monkeypatch.setattr(limits, "LONGEST_QUEUE", 0)
    with pytest.raises(RunError, match="queue"):
        long(engine, 10)


def test_another_function_runs_beside_a_training(engine: Engine) -> None:
    run = long(engine, 13)
    learned(engine, run)
    assert engine.call(divmod, 7, 2).result() == (3, 1)
    with pytest.raises(ZeroDivisionError):
        engine.call(divmod, 7, 0).result()


def test_runs_that_take_turns_end_with_the_numbers_of_undisturbed_ones(
    engine: Engine, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen_settings = [settings(12, seed, batch_size=8) for seed in (91, 92)]
    undisturbed: list[Run] = []
    for one in chosen_settings:
        task = BackgroundTask(Job(NETWORK, MANY.choice, one), MANY, 0.01, undisturbed.append)
        engine.submit_background("one", [task])
    until(lambda: len(undisturbed) == 2)
    monkeypatch.setattr(engine._queue._people.time, "slot", 0.01)
    # People who have used no worker yet: those of the other tests may have used unequal time.
    people = [("fresh", chosen_settings[0]), ("new", chosen_settings[1])]
    runs = [engine.submit(NETWORK, one, MANY, person) for person, one in people]
    gave_way: set[str] = set()

    def over() -> bool:
        now = [engine.run(run.id) for run in runs]
        gave_way.update(run.id for run in now if "gave way" in run.message)
        return not any(run.live for run in now)

    until(over)
    assert gave_way
    for run, whole in zip(runs, undisturbed, strict=True):
        done = engine.run(run.id)
        assert done.status == "done" and [one.epoch for one in done.epochs] == list(range(13))
        for name in ("loss", "accuracy", "validation_loss", "gradients"):
            assert [getattr(one, name) for one in done.epochs] == [
                getattr(one, name) for one in whole.epochs
            ]
        np.testing.assert_array_equal(store.weights(done.id, 12), store.weights(whole.id, 12))


def test_a_run_that_no_worker_can_hold_never_waits(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "worker_memory", property(lambda _: 1e6))
    with pytest.raises(RunError, match="memory"):
        long(engine, 77)
    assert not engine.waiting("a").replaceable
