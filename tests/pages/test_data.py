"""The Data page: the images, their split, and data from elsewhere."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from cnn.data.dataset import DataError, Dataset
from cnn.ui.common.formatting import escaped
from cnn.ui.data import panel
from tests.pages.conftest import Open


def choice(app: AppTest) -> object:
    return app.session_state["session"].data


def csv(size: int = 5, rows: int = 40) -> bytes:
    numbers = np.random.default_rng(0).integers(0, 256, (rows, size * size))
    table = pd.DataFrame(numbers, columns=[f"pixel{at + 1}" for at in range(size * size)])
    table.insert(0, "label", np.arange(rows) % 2)
    return table.to_csv(index=False).encode()


def test_the_split_is_8000_and_2000_at_first(open_page: Open) -> None:
    app = open_page("Data")
    assert any(
        "**8,000** images to train on, **2,000** to test on" in m.value for m in app.markdown
    )
    assert any("Zalando" in caption.value for caption in app.caption)


def test_two_classes_and_another_share_are_used(open_page: Open) -> None:
    app = open_page("Data")
    [kept] = [pills for pills in app.get("button_group") if pills.label == "Classes used"]
    kept.set_value([0, 6]).run()
    [share] = [s for s in app.slider if s.label == "Training share"]
    share.set_value(0.5).run()
    assert not app.exception
    assert choice(app).classes == (0, 6)
    assert any(
        "**1,000** images to train on, **1,000** to test on" in m.value for m in app.markdown
    )


def test_a_chosen_image_takes_the_place_of_a_drawing(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("Data")
    choose: list[Callable[[int], None]] = []
    monkeypatch.setattr(panel, "image_grid", lambda *args, key, zoom: choose.append(args[4]))
    app.session_state["session"].source.kind = "drawing"
    app.run()
    choose[0](31)
    assert app.session_state["session"].source.kind == "test image"
    assert app.session_state["session"].viewed.image == 31


def test_one_class_is_refused_and_the_data_in_use_stay(open_page: Open) -> None:
    app = open_page("Data")
    before = choice(app)
    [kept] = [pills for pills in app.get("button_group") if pills.label == "Classes used"]
    kept.set_value([3]).run()
    assert "at least 2 classes" in app.error[0].value
    assert choice(app) == before


def test_a_csv_is_used_everywhere(open_page: Open) -> None:
    app = open_page("Data", image="31")
    app.file_uploader[0].set_value(("mine.csv", csv(), "text/csv")).run()
    assert not app.exception and not app.error
    assert choice(app).dataset.startswith("csv-")
    assert "image" not in app.query_params  # number 31 was one of the other images
    app.switch_page("pages/3_Build.py").run()
    assert not app.exception
    assert "convolution of block 2 needs at least 3 x 3 cells and gets 1 x 1" in app.error[0].value


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"label,pixel1\n1,2\n", "in use"),
        (b"\xff\xfe\x00", "in use"),
        (csv().replace(b"\n1,", b"\n1,x", 1), "pixel1"),
    ],
)
def test_a_bad_csv_gets_a_sentence_and_changes_nothing(
    open_page: Open, content: bytes, told: str
) -> None:
    app = open_page("Data")
    before = choice(app)
    app.file_uploader[0].set_value(("mine.csv", content, "text/csv")).run()
    assert not app.exception
    assert told in app.error[0].value
    assert choice(app) == before


def test_data_that_are_gone_give_way_to_the_shipped_ones(open_page: Open) -> None:
    app = open_page("Data", data="csv-0123456789abcdef_share0.8")
    assert "example images" in app.warning[0].value
    assert choice(app).dataset == "fashion-mnist-10000"


def test_a_download_that_fails_leaves_the_data_in_use(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "load", _offline)
    app = open_page("Data")
    before = choice(app)
    [source] = [box for box in app.selectbox if box.label == "Images"]
    source.set_value("mnist").run()
    assert not app.exception
    assert escaped("seems to be offline. The data in use stay in use.") in app.error[0].value
    assert choice(app) == before
    [source] = [box for box in app.selectbox if box.label == "Images"]
    assert source.value == "fashion-mnist-10000"


def _offline(key: str) -> Dataset:
    raise DataError(f"The data set {key} could not be downloaded; the machine seems to be offline.")


def test_any_seed_of_an_address_can_be_shown(open_page: Open) -> None:
    app = open_page("Data", data="fashion-mnist-10000_share0.8_seed999999999")
    assert choice(app).seed == 999_999_999
