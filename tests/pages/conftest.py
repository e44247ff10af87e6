"""Pages run as Streamlit runs them, without a browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnn.training.scheduling.engine import Engine

Open = Callable[..., AppTest]
APP = Path(__file__).parents[2] / "main.py"


@pytest.fixture(autouse=True)
def _engine(app_engine: Engine) -> None:
    """Every page asks for it."""


@pytest.fixture
def open_page() -> Open:
    """Opens a page of the app by its name, with parameters in its address."""

    def opened(name: str, **parameters: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        for key, value in parameters.items():
            app.query_params[key] = value
        app.run()
        if name != "Home":
            [file] = APP.parent.glob(f"pages/*{name}.py")
            app.switch_page(f"pages/{file.name}").run()
        assert not app.exception, app.exception
        return app

    return opened
