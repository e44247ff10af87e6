"""Lesson 3 under a real pointer: the zeros around the image, and the window that lies on them."""

import re
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page, expect

from cnn.inspection.forward import forward
from cnn.inspection.image.picture import shrunk
from cnn.lessons.moving_window import Window, mean_convolution
from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA
from tests.e2e.reading import check_number


def test_padding_is_drawn_and_the_corner_is_the_right_number(tab: Callable[..., Page]) -> None:
    page = tab("/Learn?lesson=padding&image=31&set=padding-same_stride-2_kernel-4_cells-13")
    view = page.locator(".network-view")
    expect(view.locator(".around")).to_have_count(1)
    window = Window(13, 4, 2, "same", 1)
    image = shrunk(services.chosen(DEFAULT_DATA).dataset.images[31], 13)
    values = forward(*mean_convolution(window), image[None])["convolution_1"][0, ..., 0]

    picture = view.get_by_role("img", name="Input, map 1").bounding_box()
    around = view.locator(".around").bounding_box()
    assert picture and around
    cell = picture["width"] / 13
    np.testing.assert_allclose(
        [picture["x"] - around["x"], around["width"] - picture["width"]],
        [window.side.before * cell, (window.side.before + window.side.after) * cell],
        atol=0.5,
    )

    map = view.get_by_role("img", name="Convolution 1, map 1")
    size = map.bounding_box()
    assert size
    cell = size["width"] / window.output
    map.click(position={"x": 6.5 * cell, "y": 4.5 * cell})
    heading = view.get_by_role("heading", name="Convolution 1, map 1, row 5, column 7")
    check_number(heading.inner_text().partition("= ")[2], float(values[4, 6]))

    page.get_by_role("radio", name="Valid").click()
    expect(view.locator(".around")).to_have_count(0)
    expect(page.get_by_text("keras.layers.Conv2D(1, 4, strides=2)")).to_be_visible()
    page.get_by_text("Below the image", exact=True).click()
    expect(page.get_by_text(re.compile("^Correct"))).to_be_visible()
