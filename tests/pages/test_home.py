"""The Home page shows the example network at work and the ways on."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from cnn.ui.common.navigation import PAGES
from cnn.ui.components import image_grid
from tests.pages.conftest import APP, Open


def test_home_shows_a_garment_and_every_way_on(open_page: Open) -> None:
    app = open_page("Home")
    assert app.title[0].value == "CNN Playground"
    assert len(app.get("bidi_component")) == 3  # the page change, the images, the network
    assert len(app.get("page_link")) == len(PAGES)


def test_a_chosen_garment_is_shown_on_inspect_in_place_of_a_drawing(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("Home")
    choose: list[Callable[[int], None]] = []
    monkeypatch.setattr(image_grid, "image_grid", lambda *args, key, zoom: choose.append(args[4]))
    app.session_state["session"].source.kind = "drawing"
    app.run()
    choose[0](31)
    assert app.session_state["session"].source.kind == "test image"
    assert app.session_state["session"].viewed.image == 31


_ALL_PAGES = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
from cnn.ui.state import services
from cnn.ui.learn.course import LESSONS

app = AppTest.from_file(sys.argv[1], default_timeout=60).run()
for page in sorted(Path("pages").glob("*.py")):
    app.switch_page(str(page)).run()
    assert not app.exception, app.exception
app.switch_page("pages/1_Learn.py")
for lesson in LESSONS:
    app.query_params["lesson"] = lesson.key
    app.run()
    assert not app.exception, app.exception
    assert app.title[0].value.endswith(lesson.title)
services.engine().close()
print(sorted({"tensorflow", "keras", "torch", "matplotlib"} & set(sys.modules)))
"""


def test_no_page_loads_tensorflow_into_the_web_process() -> None:
    made = subprocess.run(
        [sys.executable, "-c", _ALL_PAGES, str(APP)],
        cwd=APP.parent,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout.strip().endswith("[]")
