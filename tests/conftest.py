"""What all tests share: a folder of their own for runs and data sets."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two processes share the tests: a file stays whole, and one browser and server do for all."""
    for item in items:
        folder = item.path.parent
        together = folder if folder.name == "e2e" else item.path
        item.add_marker(pytest.mark.xdist_group(str(together)))


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The folder that the app under test writes to."""
    folder = str(tmp_path_factory.mktemp("home"))
    os.environ["CNN_PLAYGROUND_HOME"] = folder
    yield folder


@pytest.fixture(scope="module", autouse=True)
def _kept_for_good() -> None:
    """Spares Streamlit going through all of TensorFlow for garbage after every run of a page."""
    gc.collect()
    gc.freeze()


# No test is about time: a busy machine must not fail one.
settings.register_profile("patient", deadline=None, max_examples=50)
settings.load_profile("patient")
