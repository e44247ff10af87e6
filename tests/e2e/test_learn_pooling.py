"""The lesson on pooling under a real pointer."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from cnn.inspection.forward import forward
from cnn.network.spec import Pooling
from cnn.operations import average_pooling, max_pooling
from cnn.ui.common import formatting
from cnn.ui.learn.figure import example
from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA
from tests.e2e.reading import check_number

Tab = Callable[..., Page]


def test_a_click_shows_what_is_passed_on_and_the_question_opens_the_measurement(tab: Tab) -> None:
    data = services.chosen(DEFAULT_DATA)
    number = next(int(number) for number in data.test if data.labels[number] == 0)
    layers, weights = example(number).one_filter(1, pooling=Pooling("max", 3, 2))
    read = forward(layers, weights, example(number).image[None])["activation_1"]
    page = tab(f"/Learn?lesson=pooling&set=size-3_filter-2&image={number}")
    card = page.locator(".stage.pooling")
    expect(card).to_contain_text("12 × 12 × 1")
    expect(page.locator("canvas.winners")).to_be_visible()
    box = card.locator("img").bounding_box()
    assert box
    cell = box["width"] / 12
    card.locator("img").click(position={"x": 7.5 * cell, "y": 4.5 * cell})
    title = page.locator(".receipt h2")
    for name, pool in (("Max", max_pooling), ("Average", average_pooling)):
        page.get_by_role("radio", name=name, exact=True).click()
        page.mouse.move(0, 0)  # the receipt follows the pointer, should the picture move below it
        expect(title).to_contain_text(f"{name} pooling 1, map 1, row 5, column 8")
        value = pool(read, 3, 2)[0, 4, 7, 0]
        check_number(title.inner_text().split(" = ")[1], float(value))
    expect(page.locator("canvas.winners")).to_have_count(0)
    expect(page.get_by_text("keras.layers.AveragePooling2D(3, strides=2)")).to_be_visible()
    page.get_by_text("Most of it", exact=True).click()
    expect(page.get_by_text(re.compile("^Correct"))).to_be_visible()
    expect(page.get_by_text(f"of {formatting.thousands(2000)} shifted test images")).to_be_visible()
