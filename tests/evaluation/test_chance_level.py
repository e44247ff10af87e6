"""When a run is no better than guessing, and which learning rate to try instead."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.evaluation.chance_level import chance_level
from cnn.training.job import Job, OptimizerName, Phase, Settings
from cnn.training.run import Run, with_epoch
from cnn.ui.state.url import ARTICLE, DEFAULT_DATA
from tests.training.examples import epoch_end

TEN_CLASSES = np.arange(2000) % 10


def _run(accuracy: float, optimizer: OptimizerName = "sgd", rate: float = 10.0) -> Run:
    job = Job(ARTICLE, DEFAULT_DATA, Settings((Phase(1, rate),), optimizer=optimizer))
    run = Run("a-run", job, "done", "", 1.0, 1.0)
    for epoch in (0, 1):
        end = replace(epoch_end(epoch), validation_accuracy=accuracy, learning_rate=rate)
        run = with_epoch(run, end)
    return run


@pytest.mark.parametrize("accuracy", [0.05, 0.1, 0.105, 0.112])
def test_an_accuracy_within_chance_of_guessing_is_told(accuracy: float) -> None:
    found = chance_level(_run(accuracy), TEN_CLASSES)
    assert found is not None
    assert found.guessing == pytest.approx(0.1)


@pytest.mark.parametrize("accuracy", [0.13, 0.2, 0.83])
def test_an_accuracy_above_guessing_is_not(accuracy: float) -> None:
    assert chance_level(_run(accuracy), TEN_CLASSES) is None


def test_guessing_is_to_name_the_most_frequent_class() -> None:
    uneven = np.repeat([0, 1], [900, 100])
    found = chance_level(_run(0.9), uneven)
    assert found is not None
    assert found.guessing == pytest.approx(0.9)
    assert chance_level(_run(0.95), uneven) is None


@pytest.mark.parametrize(
    ("optimizer", "rate", "too", "instead"),
    [
        ("sgd", 10.0, "high", 0.1),
        ("adam", 1.0, "high", 0.001),
        ("rmsprop", 1.0, "high", 0.001),
        ("adam", 1e-6, "low", 0.001),
        ("sgd", 1e-5, "low", 0.1),
        ("adam", 0.001, None, None),
    ],
)
def test_the_likely_reason_is_the_learning_rate_only_where_it_is_unusual(
    optimizer: OptimizerName, rate: float, too: str | None, instead: float | None
) -> None:
    found = chance_level(_run(0.1, optimizer, rate), TEN_CLASSES)
    assert found is not None
    assert (found.too, found.rate) == (too, instead)


def test_a_network_that_has_not_been_trained_is_left_alone() -> None:
    run = _run(0.1)
    assert chance_level(replace(run, epochs=run.epochs[:1]), TEN_CLASSES) is None
