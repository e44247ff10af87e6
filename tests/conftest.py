"""What all tests share: a folder of their own for runs and data sets."""

import gc
import os
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from cnn.training.scheduling.engine import Engine
from cnn.ui.state import services

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that the two processes end at about the same time."""
    longest = ("tests/e2e/", "tests/training/")

    def place(item: pytest.Item) -> int:
        return next((at for at, one in enumerate(longest) if item.nodeid.startswith(one)), 9)

    items.sort(key=place)


class _Scheduling(LoadFileScheduling):
    """A file's tests stay together, and all browser tests: one browser and one server do for them."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/e2e/") else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Which of the two processes gets which tests."""
    return _Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The folder that the app under test writes to."""
    folder = str(tmp_path_factory.mktemp("home"))
    os.environ["CNN_PLAYGROUND_HOME"] = folder
    yield folder


@pytest.fixture(scope="session")
def app_engine(home: str) -> Iterator[Engine]:
    """The engine of pages that are run without a server: one for all, for it takes its time to start."""
    made = services.engine()
    yield made
    made.close()


@pytest.fixture(scope="module", autouse=True)
def _kept_for_good() -> None:
    """Spares Streamlit going through all of TensorFlow for garbage after every run of a page."""
    gc.collect()
    gc.freeze()


# Which components are installed stays the same: spares reading all packages anew for every page.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

# No test is about time: a busy machine must not fail one.
settings.register_profile("patient", deadline=None, max_examples=50)
settings.load_profile("patient")
