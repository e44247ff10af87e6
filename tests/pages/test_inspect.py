"""The Inspect page: any image, any epoch; nothing chosen can break it."""

import io

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnn.ui import services
from tests.pages.conftest import Open


def title(app: AppTest) -> str:
    return next(m.value for m in app.markdown if "through the network" in m.value)


def test_the_shipped_run_is_open_at_its_last_epoch(open_page: Open) -> None:
    app = open_page("Inspect")
    assert "after epoch 30" in title(app)
    assert len(app.get("bidi_component")) == 2


def test_an_address_opens_the_image_and_the_epoch_it_names(open_page: Open) -> None:
    app = open_page("Inspect", image="31", epoch="4")
    assert title(app) == "**Image 31, Bag,** through the network as it was after epoch 4"


def test_an_epoch_that_was_not_kept_gives_way_to_the_nearest(open_page: Open) -> None:
    app = open_page("Inspect", epoch="77")
    assert "after epoch 30" in title(app)


def test_only_mistakes_shows_only_mistakes(open_page: Open) -> None:
    app = open_page("Inspect")
    [mistakes] = [toggle for toggle in app.toggle if toggle.label == "Only mistakes"]
    mistakes.set_value(True).run()
    wrong = int((~services.evaluation(services.SHIPPED_RUN, 30).right).sum())
    assert any(caption.value == f"{wrong} test images" for caption in app.caption)
    [one] = [button for button in app.button if button.label == "Any of these"]
    one.click().run()
    found = services.evaluation(services.SHIPPED_RUN, 30)
    place = list(found.numbers).index(app.session_state["session"].image)
    assert not found.right[place]


def test_the_epoch_slider_moves_the_view(open_page: Open) -> None:
    app = open_page("Inspect")
    [slider] = [one for one in app.select_slider if one.label == "Epoch"]
    slider.set_value(0).run()
    assert "after epoch 0" in title(app)


def test_a_picture_of_ones_own_goes_through_the_network(open_page: Open) -> None:
    picture = np.full((60, 80, 3), 255, np.uint8)
    picture[10:50, 30:50] = (200, 30, 30)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    app = open_page("Inspect")
    app.file_uploader[0].set_value(("mine.png", buffer.getvalue(), "image/png")).run()
    assert not app.exception and not app.error
    assert title(app).startswith("**Your picture**")
    steps = " ".join(caption.value for caption in app.caption)
    for step in ("Grey", "Invert", "Crop", "Scale", "Centre"):
        assert f"**{step}**" in steps


def test_a_file_that_is_no_picture_gets_a_sentence(open_page: Open) -> None:
    app = open_page("Inspect")
    app.file_uploader[0].set_value(("mine.png", b"no picture", "image/png")).run()
    assert not app.exception
    assert "could not be read" in app.error[0].value
    assert title(app).startswith("**Image")


def test_a_run_that_is_not_there_gives_way_to_the_shipped_one(open_page: Open) -> None:
    app = open_page("Inspect", run="../../etc/passwd")
    assert "There is no run" in app.warning[0].value
    assert "after epoch 30" in title(app)
