"""Training on from a network that was changed by hand, with a real worker."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.inspection.edits import Edits, KernelEdit, edited
from cnn.network.plan import Plan, plan
from cnn.network.spec import ConvolutionBlock, Network
from cnn.training.job import Phase
from cnn.training.run import Run, RunError
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.evaluation.predicting import predict
from tests.training.engines import DATA, MANY, ended, learned
from tests.training.examples import settings

NETWORK = Network((ConvolutionBlock(3, 3, batch_normalization=True),))
OFF = Edits().switched("convolution_1", 1, off=True)
TYPED = Edits().with_kernel(KernelEdit("convolution_1", 0, 0, (0.0,) * 4 + (1.0,) + (0.0,) * 4))
PHASE = Phase(2, 0.01)


@pytest.fixture
def unrolled() -> Plan:
    return plan(NETWORK, DATA.image_shape, len(DATA.classes))


@pytest.fixture
def origin(engine: Engine) -> Run:
    return ended(engine, engine.submit(NETWORK, settings(2, 71), DATA, "a"))


def test_epoch_0_is_the_edited_network(
    engine: Engine, store: RunStore, origin: Run, unrolled: Plan
) -> None:
    weights = edited(unrolled, store.weights(origin.id, 1), OFF)
    run = engine.train_edited(origin.id, 1, weights, DATA, "a", PHASE)
    assert run.parent is not None and (run.parent.run, run.parent.epoch) == (origin.id, 1)
    done = ended(engine, run)
    assert done.status == "done", done.message
    assert [record.epoch for record in done.epochs] == [0, 1, 2]
    assert done.kept == (0, 1, 2)
    np.testing.assert_array_equal(store.weights(run.id, 0), weights)
    evaluation = predict(unrolled, weights, DATA)
    assert done.epochs[0].validation_accuracy == pytest.approx(evaluation.accuracy)
    assert not np.array_equal(store.weights(run.id, 2), weights)


def test_a_filter_that_is_off_stays_off_with_relu(
    engine: Engine, store: RunStore, origin: Run, unrolled: Plan
) -> None:
    weights = edited(unrolled, store.weights(origin.id, 2), OFF)
    run = ended(engine, engine.train_edited(origin.id, 2, weights, DATA, "a", PHASE))
    learned_on = store.weights(run.id, 2)
    np.testing.assert_array_equal(
        predict(unrolled, learned_on, DATA).confidence,
        predict(unrolled, edited(unrolled, learned_on, OFF), DATA).confidence,
    )
    parts = unrolled.split(learned_on)
    assert not parts["convolution_1/kernel"][..., 1].any()
    assert not parts["logits/kernel"][1::3].any()
    assert parts["logits/kernel"].any()


def test_the_same_changes_are_found_again_and_others_are_not(
    engine: Engine, store: RunStore, origin: Run, unrolled: Plan
) -> None:
    trained = store.weights(origin.id, 2)

    def train(edits: Edits, phase: Phase = PHASE, session: str = "a") -> Run:
        weights = edited(unrolled, trained, edits)
        return engine.train_edited(origin.id, 2, weights, DATA, session, phase)

    first = ended(engine, train(OFF))
    again = train(OFF, session="b")
    assert again == first
    other = train(TYPED)
    assert other.id != first.id
    assert train(TYPED, session="b").id == other.id  # shared while it is live, too
    ended(engine, other)
    longer = train(OFF, Phase(3, 0.01))
    assert longer.id not in (first.id, other.id)
    ended(engine, longer)
    plain = ended(engine, engine.submit(NETWORK, settings(2, 71), DATA, "a"))
    assert plain == origin


def test_a_run_from_an_edited_network_goes_on_like_any_other(
    engine: Engine, store: RunStore, origin: Run, unrolled: Plan
) -> None:
    weights = edited(unrolled, store.weights(origin.id, 2), TYPED)
    short = ended(engine, engine.train_edited(origin.id, 2, weights, DATA, "a", PHASE))
    more = ended(engine, engine.continue_run(short.id, DATA, "a", Phase(1, 0.01)))
    whole = ended(
        engine, engine.train_edited(origin.id, 2, weights, DATA, "a", replace(PHASE, epochs=3))
    )
    assert more.epochs[:3] == short.epochs
    np.testing.assert_array_equal(store.weights(more.id, 3), store.weights(whole.id, 3))


def test_it_can_be_stopped(engine: Engine, store: RunStore, unrolled: Plan) -> None:
    origin = ended(engine, engine.submit(NETWORK, settings(1, 72, batch_size=8), MANY, "a"))
    weights = edited(unrolled, store.weights(origin.id, 1), OFF)
    run = engine.train_edited(origin.id, 1, weights, MANY, "a", Phase(100, 0.01))
    learned(engine, run)
    engine.stop(run.id, "a")
    stopped = ended(engine, run)
    assert stopped.status == "stopped" and 1 <= stopped.last_epoch < 100


def test_what_cannot_be_is_refused_with_a_sentence(
    engine: Engine, store: RunStore, origin: Run
) -> None:
    weights = store.weights(origin.id, 2)
    with pytest.raises(RunError, match="images it was trained on"):
        engine.train_edited(origin.id, 2, weights, MANY, "a", PHASE)
    with pytest.raises(RunError, match="There is no run"):
        engine.train_edited("nowhere", 2, weights, DATA, "a", PHASE)


def test_nothing_goes_on_from_a_run_that_kept_nothing_of_its_changes(
    engine: Engine, store: RunStore, origin: Run
) -> None:
    weights = store.weights(origin.id, 2)
    broken = engine.train_edited(origin.id, 2, weights[:-1], DATA, "a", PHASE)
    broken = ended(engine, broken)
    assert broken.status == "failed" and broken.epochs == ()
    assert "Expected 98 weights" in broken.message
    with pytest.raises(RunError, match="changed by hand"):
        engine.continue_run(broken.id, DATA, "a", PHASE)
