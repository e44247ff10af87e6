"""One engine with a real worker for all tests that need one."""

from collections.abc import Iterator

import pytest

from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.training.engines import until


@pytest.fixture(scope="package")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    return RunStore(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="package")
def shared_engine(store: RunStore) -> Iterator[Engine]:
    engine = Engine(store)
    yield engine
    engine.close()


@pytest.fixture
def engine(shared_engine: Engine) -> Iterator[Engine]:
    """The engine, with nothing left to do afterwards."""
    yield shared_engine
    for owner in list(shared_engine._foreman.background._wishes):
        shared_engine.cancel_background(owner)
    for live in [one for one in shared_engine._roll.live() if not one.background]:
        for session in live.owners | live.followers() | {"the last"}:
            shared_engine.stop(live.run.id, session)
    until(lambda: not shared_engine._roll.live())
