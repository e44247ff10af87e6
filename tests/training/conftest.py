"""One engine with a real worker for all tests that need one."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cnn.training.run import RunError
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.training.engines import OWNERS, SESSIONS, until


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="package")
def store(folder: Path) -> RunStore:
    return RunStore(folder)


@pytest.fixture(scope="package")
def shared_engine(store: RunStore) -> Iterator[Engine]:
    engine = Engine(store)
    yield engine
    engine.close()


@pytest.fixture
def engine(shared_engine: Engine, folder: Path) -> Iterator[Engine]:
    """The engine, with nothing left to do afterwards."""
    yield shared_engine
    for owner in OWNERS:
        shared_engine.cancel_background(owner)

    def active() -> list[str]:
        runs = [shared_engine.run(record.parent.name) for record in folder.glob("*/run.json")]
        return [run.id for run in runs if run.live]

    for run_id in active():
        for session in SESSIONS:
            with suppress(RunError):  # an experiment's run, which is stopping already
                shared_engine.stop(run_id, session)
    until(lambda: not active())
