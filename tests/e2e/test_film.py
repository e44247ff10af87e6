"""The time line: every epoch in the browser, on one scale, sent to Python only where it rests."""

import math
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from cnn.inspection.forward import forward
from cnn.inspection.units import Unit
from cnn.network.plan import plan
from cnn.network.spec import ConvolutionBlock, DenseLayer, Network
from cnn.ui.components.network_message import Keras, Picture, Timeline, message
from tests.e2e.component import Harness
from tests.e2e.reading import check_number, read_number
from tests.strategies import random_images, random_weights

PLAN = plan(Network((ConvolutionBlock(3, 3),), dense=(DenseLayer(5),)), (10, 10, 1), 3)
KEPT = (0, 1, 2, 5)
WEIGHTS = {epoch: (0.3 + epoch / 4) * random_weights(PLAN, epoch) for epoch in KEPT}
IMAGE = random_images(PLAN, 1)[0]
OUTPUTS = {epoch: forward(PLAN, own, IMAGE[None]) for epoch, own in WEIGHTS.items()}
UNIT = Unit("convolution_1", 1, 2, 3)
TIMELINE = Timeline("run", KEPT, 5, tuple((epoch, 2 - epoch / 4, 2.1) for epoch in range(6)))
SHOWN = Picture(
    PLAN, WEIGHTS[5], IMAGE, ("a", "b", "c"), selected=UNIT, timeline=TIMELINE, keras=Keras()
)
WITH_FILM = replace(SHOWN, film=WEIGHTS)


@pytest.fixture
def slider(browser_half: Harness) -> Locator:
    browser_half.open()
    browser_half.show(message(SHOWN)[0])
    return browser_half.page.get_by_role("slider", name="Epoch")


def drag(slider: Locator, place: int) -> None:
    """Move the handle without letting it go."""
    slider.evaluate(
        "(input, at) => { input.value = at; input.dispatchEvent(new Event('input')); }", place
    )


def let_go(slider: Locator) -> None:
    slider.evaluate("(input) => input.dispatchEvent(new Event('change'))")


def check_shown(half: Harness, epoch: int) -> None:
    """The receipt, the decision and the time line are those of an epoch."""
    value = half.page.locator(".receipt h2").first.inner_text().partition(" = ")[2]
    own = OUTPUTS[epoch]
    assert read_number(value) == pytest.approx(own[UNIT.layer][0][UNIT.place], rel=2e-6, abs=6e-8)
    chances = half.page.locator(".percent").all_inner_texts()
    shown = [float(text.removesuffix("%")) / 100 for text in chances]
    assert shown == pytest.approx(own["softmax"][0].tolist(), abs=5.1e-4)
    expect(half.page.locator(".epoch")).to_contain_text(f"Epoch {epoch}")


def legends(half: Harness) -> list[str]:
    return half.page.locator(".stage .ends").all_inner_texts()


def test_the_film_is_asked_for_once_when_the_handle_is_reached_for(
    browser_half: Harness, slider: Locator
) -> None:
    assert browser_half.sent == []
    slider.hover()
    slider.focus()
    [(event, _)] = browser_half.sent
    assert event == "film"
    drag(slider, 0)  # it has not come yet: the network stays, the time line goes
    expect(browser_half.page.locator(".epoch")).to_contain_text("Epoch 0")
    assert len(browser_half.sent) == 1
    browser_half.show(message(WITH_FILM)[0])
    check_shown(browser_half, 0)


def test_every_epoch_is_there_on_one_scale_and_python_receives_the_last(
    browser_half: Harness, slider: Locator
) -> None:
    browser_half.show(message(WITH_FILM)[0])
    fixed = legends(browser_half)
    for layer in ("convolution_1", "activation_1", "dense_1"):
        limit = max(float(np.abs(own[layer]).max()) for own in OUTPUTS.values())
        title = {"convolution_1": "Convolution 1", "activation_1": "ReLU 1"}.get(layer, "Dense 1")
        heading = browser_half.page.get_by_role("heading", name=title, exact=True)
        ends = browser_half.page.locator(".stage").filter(has=heading).locator(".ends span")
        check_number(ends.last.inner_text(), limit)
    for place in (0, 2, 1, 3, 1):
        drag(slider, place)
        check_shown(browser_half, KEPT[place])
        assert legends(browser_half) == fixed
    expect(browser_half.page.locator(".keras")).to_contain_text("Keras is asked where")
    browser_half.wait(5000)
    assert browser_half.sent == []
    let_go(slider)
    browser_half.wait(1000)
    assert browser_half.sent == [("epoch", 1)]

    there = replace(SHOWN, weights=WEIGHTS[1], timeline=replace(TIMELINE, shown=1))
    browser_half.show(message(there)[0])  # Python's answer; the film is still the browser's
    check_shown(browser_half, 1)
    assert legends(browser_half) == fixed
    drag(slider, 3)
    check_shown(browser_half, 5)
    assert browser_half.sent == [("epoch", 1)]


def test_a_late_answer_does_not_take_the_handle_back(
    browser_half: Harness, slider: Locator
) -> None:
    browser_half.show(message(WITH_FILM)[0])
    drag(slider, 1)
    let_go(slider)
    browser_half.wait(1000)
    drag(slider, 0)
    late = replace(SHOWN, weights=WEIGHTS[1], timeline=replace(TIMELINE, shown=1))
    browser_half.show(message(late)[0])
    check_shown(browser_half, 0)


def test_the_epochs_play_to_the_last(browser_half: Harness, slider: Locator) -> None:
    browser_half.show(message(WITH_FILM)[0])
    play = browser_half.page.locator(".timeline button")
    play.click()  # at the end: from the beginning
    check_shown(browser_half, KEPT[0])
    for epoch in KEPT[1:]:
        browser_half.wait(260)
        check_shown(browser_half, epoch)
    browser_half.wait(260)
    expect(play).to_have_text("▶ Play epochs")
    browser_half.wait(1000)
    assert [sent for sent in browser_half.sent if sent[0] == "epoch"] == [("epoch", KEPT[-1])]


def test_the_epoch_at_which_it_is_paused_is_sent_at_once(
    browser_half: Harness, slider: Locator
) -> None:
    browser_half.show(message(WITH_FILM)[0])
    play = browser_half.page.locator(".timeline button")
    play.click()
    browser_half.wait(260)
    play.click()
    browser_half.wait(1)  # a click elsewhere may take the view away
    assert browser_half.sent[-1] == ("epoch", KEPT[1])


def test_another_image_asks_for_another_film(browser_half: Harness, slider: Locator) -> None:
    browser_half.show(message(WITH_FILM)[0])
    other = replace(SHOWN, image=random_images(PLAN, 2)[0])
    browser_half.show(message(other)[0])
    slider.focus()
    assert [event for event, _ in browser_half.sent] == ["film"]


def test_losses_that_are_no_numbers_leave_the_view_whole(browser_half: Harness) -> None:
    losses = ((0, math.nan, math.inf), (1, 1.5, math.nan), (2, 1.0, 1.0), (5, 1.0, 1.0))
    browser_half.open()
    shown = replace(SHOWN, timeline=replace(TIMELINE, shown=0, losses=losses))
    browser_half.show(message(shown)[0])
    label = browser_half.page.locator(".epoch")
    expect(label).to_contain_text("loss not a number training, not a number validation")
    expect(browser_half.page.locator(".stage").first).to_be_visible()


def test_a_message_does_not_take_the_handle_that_is_being_moved(
    browser_half: Harness, slider: Locator
) -> None:
    browser_half.show(message(WITH_FILM)[0])
    drag(slider, 1)
    late = replace(WITH_FILM, weights=WEIGHTS[0], timeline=replace(TIMELINE, shown=0))
    browser_half.show(message(late)[0])
    check_shown(browser_half, 1)
    let_go(slider)
    browser_half.wait(1000)
    assert [value for event, value in browser_half.sent if event == "epoch"] == [1]


def test_a_click_on_a_mark_goes_to_its_epoch_or_the_nearest_kept_one(
    browser_half: Harness, slider: Locator
) -> None:
    marks = ((4, "lowest validation loss: epoch 4"), (1, "gap grows from epoch 1"))
    marked = replace(TIMELINE, marks=marks)
    browser_half.show(message(replace(WITH_FILM, timeline=marked))[0])
    for words, epoch in (("gap grows from epoch 1", 1), ("lowest validation loss: epoch 4", 5)):
        browser_half.page.get_by_role("button", name=words).click()
        check_shown(browser_half, epoch)
        browser_half.wait(1000)
        assert browser_half.sent[-1] == ("epoch", epoch)


@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("epochs", [(0, 5), (4, 5), (0, 0)])
def test_the_labels_of_marks_do_not_overlap(
    browser_half: Harness, slider: Locator, epochs: tuple[int, int], width: int
) -> None:
    marks = tuple((epoch, f"lowest validation loss: epoch {epoch}") for epoch in epochs)
    browser_half.page.set_viewport_size({"width": width, "height": 900})
    browser_half.show(message(replace(SHOWN, timeline=replace(TIMELINE, marks=marks)))[0])
    track = browser_half.page.locator(".track").first.bounding_box()
    one, other = (each.bounding_box() for each in browser_half.page.locator(".marks button").all())
    assert track and one and other
    for box in (one, other):
        assert track["x"] <= box["x"] and box["x"] + box["width"] <= track["x"] + track["width"]
    left, right = sorted((one, other), key=lambda box: box["x"])
    high, low = sorted((one, other), key=lambda box: box["y"])
    beside = left["x"] + left["width"] <= right["x"]
    assert beside or high["y"] + high["height"] <= low["y"] + 0.5
