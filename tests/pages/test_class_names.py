"""Class names come from somebody's file: on every page they are shown letter by letter."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.data.dataset import Dataset
from cnn.data.split import DataChoice
from cnn.ui.common import formatting
from cnn.ui.state import services
from tests.pages.conftest import Open
from tests.pages.test_evaluate import kept

NAMES = ("![one](http://one.example/x.png)", "**two** $x$")


@pytest.fixture
def run() -> str:
    """A run of one epoch on images of two classes with such names."""
    images = np.random.default_rng(1).integers(0, 256, (80, 28, 28, 1), np.uint8)
    services.data_store().add(Dataset(NAMES[0], "odd-names", images, np.arange(80) % 2, NAMES, ""))
    return kept("odd-names", DataChoice("odd-names"), 1.0)


def check(app: AppTest) -> None:
    """A name is told, and none is read as Markdown."""
    assert not app.exception, app.exception
    elements = [*app.header, *app.markdown, *app.caption, *app.info, *app.warning, *app.success]
    text = "\n".join(one.value for one in elements)
    assert not [name for name in NAMES if name in text]
    assert any(formatting.escaped(name) in text for name in NAMES)


def test_data(open_page: Open, run: str) -> None:
    app = open_page("Data", run=run)
    app.session_state["session"].data = DataChoice("odd-names")
    app.run()
    check(app)


@pytest.mark.parametrize("section", ["What does it look for?", "Why this class?"])
def test_inspect(open_page: Open, run: str, section: str) -> None:
    app = open_page("Inspect", run=run)
    app.session_state["session"].viewed.unit = "logits-unit1"
    [choice] = [one for one in app.get("button_group") if section in one.options]
    choice.set_value(section).run()
    check(app)


@pytest.mark.parametrize("cell", [(0, 0), (0, 1)])
def test_evaluate(open_page: Open, run: str, cell: tuple[int, int]) -> None:
    app = open_page("Evaluate", run=run)
    app.session_state[f"evaluate-cell-{'-'.join(NAMES)}"] = cell
    app.run()
    check(app)
