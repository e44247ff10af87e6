"""How tests of the engine wait for what it does."""

import time
from collections.abc import Callable

from cnn.training.run import Run
from cnn.training.scheduling.engine import Engine
from tests.training.examples import NETWORK, chosen, settings

DATA = chosen()
MANY = chosen(4000)


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def ended(engine: Engine, run: Run) -> Run:
    until(lambda: not engine.run(run.id).live)
    return engine.run(run.id)


def long(engine: Engine, seed: int, session: str = "a") -> Run:
    """A run that trains until it is stopped."""
    return engine.submit(NETWORK, settings(100, seed, batch_size=8), MANY, session)


def learned(engine: Engine, run: Run, epochs: int = 1) -> None:
    until(lambda: engine.run(run.id).last_epoch >= epochs or not engine.run(run.id).live)
    assert engine.run(run.id).last_epoch >= epochs, engine.run(run.id).message
