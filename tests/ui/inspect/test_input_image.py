"""The image that is looked at: where it comes from, what it is called, what is known of it."""

import io

import numpy as np
import pytest
from PIL import Image

from cnn.data.split import ChosenData
from cnn.inspection.image.distortion import Distortion, distorted
from cnn.ui.inspect.distortions import changed, distortion_words
from cnn.ui.inspect.image_choice import original
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA


@pytest.fixture(scope="module")
def data() -> ChosenData:
    return services.chosen(DEFAULT_DATA)


@pytest.fixture
def session() -> Session:
    return Session(token="somebody")


def test_the_first_test_image_is_looked_at_until_another_is_chosen(
    session: Session, data: ChosenData
) -> None:
    first = original(session, data)
    assert np.array_equal(first.pixels, data.dataset.images[data.test[0]])
    session.choose_image(31)
    chosen = original(session, data)
    assert chosen.name == "Image 31, Bag" and data.classes[chosen.label or 0] == "Bag"
    assert chosen.identity != first.identity


def test_an_image_that_was_trained_on_says_so(session: Session, data: ChosenData) -> None:
    session.choose_image(int(data.train[0]))
    assert original(session, data).name.endswith("(the network was trained on it)")


def test_a_distorted_image_keeps_its_class_and_says_what_was_done(
    session: Session, data: ChosenData
) -> None:
    session.choose_image(31)
    whole = original(session, data)
    assert changed(whole, Distortion(noise_seed=3)) is whole
    moved = changed(whole, Distortion(shift_right=3))
    assert moved.name == "Image 31, Bag, shifted 3 px right"
    assert moved.label == whole.label and moved.identity != whole.identity
    assert np.array_equal(moved.pixels, distorted(whole.pixels, Distortion(shift_right=3)))


@pytest.mark.parametrize(
    ("distortion", "words"),
    [
        (Distortion(-3, 1), "shifted 3 px left, shifted 1 px down"),
        (Distortion(0, -2), "shifted 2 px up"),
        (Distortion(angle=10), "turned 10° counter-clockwise"),
        (Distortion(angle=-95), "turned 95° clockwise"),
        (
            Distortion(hidden_side=4, noise=0.2),
            "hidden by a square of 4 × 4 px, with noise of 0.2",
        ),
        (Distortion(hidden_right=4, noise_seed=2), ""),
    ],
)
def test_a_distortion_in_words(distortion: Distortion, words: str) -> None:
    assert distortion_words(distortion) == words


def test_an_empty_pad_is_an_all_black_image_of_no_class(session: Session, data: ChosenData) -> None:
    session.source.kind = "drawing"
    empty = original(session, data)
    assert (empty.name, empty.label) == ("Your drawing", None)
    assert empty.pixels.shape == data.image_shape and not empty.pixels.any()


def test_a_test_image_stands_in_until_there_is_a_picture(
    session: Session, data: ChosenData
) -> None:
    session.choose_image(31)
    session.source.kind = "picture"
    assert original(session, data).name == "Image 31, Bag"
    buffer = io.BytesIO()
    Image.fromarray(np.eye(28, dtype=np.uint8) * 255).save(buffer, "PNG")
    session.source.picture = buffer.getvalue()
    brought = original(session, data)
    assert (brought.name, brought.label) == ("Your picture", None)
    assert brought.pixels.shape == data.image_shape
    session.choose_image(31)  # from wherever on the page
    assert original(session, data).name == "Image 31, Bag"
