"""The whole network on one screen: it fits, its colors are the numbers', and it traces each of them."""

import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from cnn.inspection.edits import Edits
from cnn.inspection.forward import forward
from cnn.inspection.units import Unit
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import ConvolutionBlock, DenseLayer, Network
from cnn.ui.common.theme import SCHEMES, SIGNED, Scheme
from cnn.ui.components.network_message import Picture, message
from tests.e2e.cases import DILATED
from tests.e2e.component import Harness
from tests.e2e.reading import read_number
from tests.strategies import random_images, random_weights

CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
STARTER = plan(ARTICLE, (28, 28, 1), 10)

CUT_OFF = """() => {
  const glance = document.querySelector(".glance");
  const room = glance.getBoundingClientRect();
  const texts = [...glance.querySelectorAll(".title, .scale, .class-line, .map-number, .others")];
  const outside = texts.filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < room.left - 1 || box.right > room.right + 1;
  });
  const titles = [...glance.querySelectorAll(".title b")].map((title) => title.getBoundingClientRect());
  const overlapping = titles.slice(1).filter((box, at) => box.left < titles[at].right);
  return [glance.scrollWidth > glance.clientWidth, outside.map((text) => text.textContent), overlapping.length];
}"""
"""Whether it scrolls sideways, which texts stand out at a side, how many titles overlap the one before."""

COLOR = """([x, y]) => {
  const canvas = document.querySelector(".glance canvas");
  const sharp = canvas.width / canvas.clientWidth;
  return [...canvas.getContext("2d").getImageData(Math.round(x * sharp), Math.round(y * sharp), 1, 1).data];
}"""

LIT_LINES = """() => {
  const canvas = document.querySelector(".glance canvas");
  const context = canvas.getContext("2d");
  const lit = (x, y, width, height) => {
    const { data } = context.getImageData(x, y, width, height);
    return data.some((value, at) => at % 4 < 3 && value > 0 && data[at | 3] === 255);
  };
  const { data } = context.getImageData(0, 0, 110, canvas.height);
  const drawn = Array.from({ length: 110 * canvas.height }, (_, at) => at).filter((at) => data[4 * at + 3]);
  const [left, top] = [drawn[0] % 110, Math.floor(drawn[0] / 110)];
  const cell = Math.sqrt(drawn.length) / 28;
  const middle = (start, at) => start + Math.floor((at + 0.5) * cell);
  const kept = Math.floor(20 * cell);
  const lines = Array.from({ length: 28 }, (_, at) => at);
  return [
    lines.filter((at) => lit(left, middle(top, at), kept, 1)),
    lines.filter((at) => lit(middle(left, at), top, 1, kept)),
  ];
}"""
"""On which rows and columns of a black image something is drawn."""


def show(
    half: Harness, network_plan: Plan, width: int, scheme: Scheme = "light", seed: int = 3
) -> Picture:
    """Draw a network with random weights at work on a random image."""
    shown = Picture(
        network_plan,
        random_weights(network_plan, seed),
        random_images(network_plan, seed)[0],
        CLASSES[: network_plan.classes],
        truth=1,
    )
    half.page.set_viewport_size({"width": width, "height": 900})
    half.open(scheme)
    half.show(message(shown)[0], overview=True)
    return shown


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_fits(browser_half: Harness, preset: str) -> None:
    show(browser_half, plan(PRESETS[preset].network, (28, 28, 1), 10), 1700)
    drawing = browser_half.page.locator(".glance .drawing")
    for width in (1700, 1380, 980, 660):
        browser_half.page.set_viewport_size({"width": width, "height": 900})
        beside = 490 if width == 1700 else 0
        expect(drawing).to_have_css("width", f"{width - 16 - beside}px")
        assert browser_half.call(CUT_OFF) == [False, [], 0], width


def test_a_network_of_many_filters_fits(browser_half: Harness) -> None:
    blocks = tuple(ConvolutionBlock(64, 3, padding="same") for _ in range(5))
    many = plan(Network(blocks, dense=(DenseLayer(100),)), (64, 64, 3), 10)
    show(browser_half, many, 980)
    assert browser_half.call(CUT_OFF) == [False, [], 0]
    expect(browser_half.page.locator(".glance .others")).to_have_text(["56 more"] * 5)


@pytest.fixture
def starter(browser_half: Harness) -> Picture:
    """The article's network on a wide screen."""
    return show(browser_half, STARTER, 1380)


def test_the_prediction_is_shown_and_explained_by_default(
    browser_half: Harness, starter: Picture
) -> None:
    probabilities = forward(STARTER, starter.weights, starter.image[None])["softmax"][0]
    predicted = CLASSES[int(probabilities.argmax())]
    line = browser_half.page.locator(".glance .class-line.predicted")
    expect(line).to_have_count(1)
    expect(line).to_contain_text(predicted)
    shares = browser_half.page.locator(".glance .amount").all_inner_texts()
    shown = [float(re.findall(r"[\d.]+", text)[0]) / 100 for text in shares]
    assert shown == pytest.approx(probabilities.tolist(), abs=5.1e-4)
    expect(browser_half.page.locator(".words")).to_contain_text(predicted)
    curves = browser_half.page.locator(".glance .contributions path")
    expect(curves).to_have_count(24)


def test_curves_have_the_signs_and_widths_of_the_contributions(
    browser_half: Harness, starter: Picture
) -> None:
    outputs = forward(STARTER, starter.weights, starter.image[None])
    arrays = STARTER.split(starter.weights)
    winner = int(outputs["softmax"][0].argmax())
    products = outputs["dense_activation_1"][0] * arrays["logits/kernel"][:, winner]
    strongest = sorted(products, key=abs, reverse=True)[:24]
    curves = browser_half.page.locator(".glance .contributions path")
    drawn = curves.evaluate_all(
        "(all) => all.map((curve) => [curve.getAttribute('class'), Number(curve.getAttribute('stroke-width'))])"
    )
    assert [name for name, _ in drawn] == [
        "raises" if amount >= 0 else "lowers" for amount in reversed(strongest)
    ]
    sizes = np.abs(np.array(list(reversed(strongest)), np.float64))
    widths = np.array([width for _, width in drawn])
    assert np.corrcoef(sizes, widths)[0, 1] > 0.999
    rest = float(products.sum() - np.sum(strongest))
    legend = browser_half.page.locator(".glance .legend-line").inner_text()
    [amount] = re.findall(r"76 together: ([+−\d.e]+)", legend)
    assert read_number(amount.removeprefix("+")) == pytest.approx(rest, rel=1e-3, abs=1e-5)


def test_a_click_on_a_class_opens_its_receipt_below(
    browser_half: Harness, starter: Picture
) -> None:
    page = browser_half.page
    expect(page.locator(".receipt")).to_have_count(0)  # it opens only by a click
    page.locator(".glance .class-line").nth(4).scroll_into_view_if_needed()
    box = page.locator(".glance .class-line").nth(4).bounding_box()
    assert box
    page.mouse.click(box["x"] + 20, box["y"] + 5)
    expect(page.locator(".receipt h2").first).to_contain_text("Coat")
    glance, dock = page.locator(".glance").bounding_box(), page.locator(".dock").bounding_box()
    assert glance and dock and dock["y"] >= glance["y"] + glance["height"] - 1


def test_on_a_wide_screen_the_receipt_is_beside_the_network(browser_half: Harness) -> None:
    shown = show(browser_half, STARTER, 1900)
    page = browser_half.page
    glance, words = page.locator(".glance"), page.locator(".words")
    before = glance.bounding_box()
    chosen = replace(shown, selected=Unit("dense_1", 4))
    browser_half.show(message(chosen)[0], overview=True)
    expect(page.locator(".receipt h2")).to_contain_text("Dense 1, unit 5")
    network, text, dock = (part.bounding_box() for part in (glance, words, page.locator(".dock")))
    assert network and text and dock and network == before
    for part in (text, dock):
        assert part["x"] >= network["x"] + network["width"]
        assert part["y"] + part["height"] <= network["y"] + network["height"] + 1
    assert text["y"] + text["height"] <= dock["y"]


def test_a_cell_can_be_typed(browser_half: Harness, starter: Picture) -> None:
    unit = Unit("convolution_2", 1, row=2, column=3)
    browser_half.open()
    browser_half.show(message(replace(starter, selected=unit))[0], overview=True)
    page = browser_half.page
    title, place = page.locator(".receipt h2"), page.get_by_role("group", name="Place")
    map, row = (place.get_by_label(name, exact=True) for name in ("map", "row"))
    map.fill("9")
    map.press("Enter")
    expect(place.get_by_role("alert")).to_contain_text("1 to 8")
    expect(title).to_contain_text("map 2, row 3, column 4")
    expect(map).to_have_value("9")
    map.fill("5")
    map.press("Tab")
    expect(title).to_contain_text("map 5, row 3, column 4")
    expect(place.get_by_role("alert")).to_be_hidden()
    expect(row).to_be_focused()
    row.press("ArrowUp")
    expect(title).to_contain_text("map 5, row 4, column 4")
    browser_half.wait(1000)
    assert browser_half.sent[-1] == ("unit", "convolution_2-map5-row4-column4")
    row.press("Escape")
    expect(place).to_be_hidden()
    expect(page.locator(".glance")).to_be_focused()


def test_a_cell_is_outlined_back_to_the_image_and_described(
    browser_half: Harness, starter: Picture
) -> None:
    page = browser_half.page
    numbers = page.locator(".glance .map-number")
    expect(numbers).to_have_count(12)  # 4 and 8
    place = numbers.nth(5).bounding_box()  # Convolution 2, map 2
    assert place
    page.mouse.move(place["x"] + place["width"] + 5, place["y"] + 5)  # its first cell
    outputs = forward(STARTER, starter.weights, starter.image[None])
    value = float(outputs["convolution_2"][0][0, 0, 1])
    legend = page.locator(".glance .legend-line")
    expect(legend).to_contain_text("map 2, row 1, column 1")
    assert read_number(legend.locator("b").first.inner_text()) == pytest.approx(value, rel=1e-3)
    # One cell of its own, 3 × 3 of four pooled maps, what these see of ReLU and convolution, the image.
    expect(page.locator(".glance .receptive-field rect")).to_have_count(1 + 4 + 4 + 4 + 1)
    expect(page.locator(".glance .receptive-field rect.own")).to_have_count(1)
    kernel = STARTER.split(starter.weights)["convolution_2/kernel"][..., 1]
    patch = outputs["pooling_1"][0][:3, :3]
    amounts = (patch * kernel).sum(axis=(0, 1))
    drawn = page.locator(".glance .contributions path").evaluate_all(
        "(all) => all.map((curve) => curve.getAttribute('class'))"
    )
    assert sorted(drawn) == sorted("raises" if amount >= 0 else "lowers" for amount in amounts)
    page.mouse.move(1, 890)
    expect(page.locator(".glance .receptive-field rect")).to_have_count(0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_cell_has_the_color_of_its_number(browser_half: Harness, scheme: Scheme) -> None:
    shown = show(browser_half, STARTER, 1380, scheme)
    values = forward(STARTER, shown.weights, shown.image[None])["convolution_2"][0]
    limit = float(np.abs(values).max())
    place = browser_half.page.locator(".glance .map-number").nth(5)
    room = browser_half.page.locator(".glance canvas").bounding_box()
    box = place.bounding_box()
    assert room and box
    x, y = box["x"] + box["width"] + 5 - room["x"], box["y"] + 5 - room["y"]
    *rgb, alpha = browser_half.call(COLOR, [x, y])
    value = float(values[0, 0, 1])
    stops = np.array(SIGNED[scheme]["positive" if value >= 0 else "negative"], float)
    at = abs(value) / limit * (len(stops) - 1)
    low = min(int(at), len(stops) - 2)
    wanted = stops[low] + (stops[low + 1] - stops[low]) * (at - low)
    assert alpha == 255
    assert np.abs(np.array(rgb) - wanted).max() <= 3


def headings(page: Page) -> list[str]:
    """The titles of the large layers."""
    return page.locator(".detail .stage h2").all_inner_texts()


def test_a_title_opens_a_layer_with_what_it_reads_and_back(browser_half: Harness) -> None:
    show(browser_half, STARTER, 1380)
    page = browser_half.page
    overview = page.locator(".glance")
    page.locator(".glance .title", has_text="Convolution 2").click()
    expect(overview).to_be_hidden()
    assert headings(page) == ["Max pooling 1", "Kernels 2", "Convolution 2"]
    strip = page.locator(".strip")
    assert strip.evaluate("(strip) => strip.scrollWidth <= strip.clientWidth")
    map = page.locator(".stage.convolution .tiles img").first
    assert map.evaluate("(map) => map.offsetWidth") >= 2 * 66
    page.get_by_role("button", name="Every layer").click()
    assert headings(page)[0] == "Input" and headings(page)[-1] == "Softmax"
    page.get_by_role("button", name="Whole network").click()
    expect(overview).to_be_visible()
    assert not headings(page)


def test_a_merged_block_opens_all_its_layers_and_escape_closes_them(browser_half: Harness) -> None:
    show(browser_half, STARTER, 640)
    page = browser_half.page
    page.locator(".glance .title", has_text="Conv 1").click()
    assert headings(page) == ["Input", "Kernels 1", "Convolution 1", "ReLU 1", "Max pooling 1"]
    page.locator(".strip").press("Escape")
    expect(page.locator(".glance")).to_be_visible()


def test_the_tile_of_the_other_maps_opens_all_of_them(browser_half: Harness) -> None:
    many = plan(Network((ConvolutionBlock(filters=64),)), (28, 28, 1), 10)
    show(browser_half, many, 1380)
    browser_half.page.get_by_role("button", name="56 more").first.click()
    assert browser_half.page.locator(".stage.convolution figure").count() == 64


def test_a_filters_kernels_open_its_layer_with_the_filter_chosen(browser_half: Harness) -> None:
    show(browser_half, STARTER, 1380)
    page = browser_half.page
    number = (
        page.locator(".glance .map-number").nth(4 + 2).bounding_box()
    )  # after the first layer's
    assert number
    page.mouse.click(number["x"] + number["width"] - 8, number["y"] + 25)
    assert headings(page) == ["Max pooling 1", "Kernels 2", "Convolution 2"]
    expect(page.locator(".readout")).to_have_text("Convolution 2, filter 3")


def test_the_chosen_number_stays_chosen_in_the_large_layers(browser_half: Harness) -> None:
    shown = show(browser_half, STARTER, 1380)
    unit = Unit("convolution_2", 1, row=2, column=3)
    browser_half.show(message(replace(shown, selected=unit))[0], overview=True)
    page = browser_half.page
    expect(page.locator(".receipt h2")).to_contain_text("row 3, column 4")
    page.locator(".glance .title", has_text="Convolution 2").click()
    expect(page.locator(".stage.convolution .overlay.own > *")).to_have_count(1)
    expect(page.locator(".receipt h2")).to_contain_text("row 3, column 4")


def test_a_number_that_the_opened_layers_have_not_leads_back_to_the_overview(
    browser_half: Harness,
) -> None:
    show(browser_half, STARTER, 1380)
    page = browser_half.page
    page.locator(".glance .title", has_text="Convolution 2").click()
    page.locator(".stage.convolution .tiles img").first.click(position={"x": 3, "y": 3})
    page.locator(".strip").press("Shift+ArrowLeft")  # max pooling 1, which is here, too
    expect(page.locator(".readout")).to_contain_text("Max pooling 1")
    expect(page.locator(".glance")).to_be_hidden()
    page.locator(".strip").press("Shift+ArrowLeft")
    expect(page.locator(".readout")).to_contain_text("ReLU 1")
    expect(page.locator(".glance")).to_be_visible()
    expect(page.locator(".glance")).to_be_focused()


def test_a_filter_that_is_switched_off_leaves_its_layer_open(browser_half: Harness) -> None:
    shown = show(browser_half, STARTER, 1380)
    browser_half.page.locator(".glance .title", has_text="Convolution 2").click()
    off = replace(shown, edits=Edits().switched("convolution_2", 0, off=True))
    browser_half.show(message(off)[0], overview=True)
    assert headings(browser_half.page) == ["Max pooling 1", "Kernels 2", "Convolution 2"]
    expect(browser_half.page.locator("figcaption", has_text="off")).to_have_count(1)


def test_a_message_with_the_actual_class_names_the_loss(
    browser_half: Harness, starter: Picture
) -> None:
    probability = forward(STARTER, starter.weights, starter.image[None])["softmax"][0][1]
    words = browser_half.page.locator(".words")
    [loss] = re.findall(r"of this image is ([\d.]+)\.", words.inner_text())
    assert float(loss) == pytest.approx(-np.log(probability), rel=0.01, abs=5e-5)
    unknown = replace(starter, truth=None)
    browser_half.open()
    browser_half.show(message(unknown)[0], overview=True)
    assert "this image is" not in words.inner_text()


def test_two_classes_are_set_apart(browser_half: Harness, starter: Picture) -> None:
    logits = forward(STARTER, starter.weights, starter.image[None])["logits"][0]
    second, first = np.argsort(logits)[-2:]
    page = browser_half.page
    page.get_by_role("button", name=f"Why not {CLASSES[second]}?").click()
    legend = page.locator(".glance .legend-line")
    expect(legend).to_contain_text(f"Why {CLASSES[first]} and not {CLASSES[second]}?")
    [difference] = re.findall(r"apart by ([\d.e−]+\d)", legend.inner_text())
    assert read_number(difference) == pytest.approx(logits[first] - logits[second], rel=1e-3)
    expect(page.locator(".glance .contributions path")).to_have_count(24)
    page.get_by_role("button", name=f"Why {CLASSES[first]}?").click()
    expect(legend).not_to_contain_text("and not")


def test_each_cell_that_a_dilated_window_reads_is_outlined(browser_half: Harness) -> None:
    shown = show(browser_half, DILATED, 1380)
    browser_half.open()
    unit = Unit("convolution_1", 0, row=1, column=4)  # rows -2, 1, 4 and columns 1, 4, 7
    browser_half.show(message(replace(shown, selected=unit))[0], overview=True)
    seen = browser_half.page.locator(".glance .receptive-field rect:not(.own)")
    expect(seen).to_have_count(6)
    places = seen.evaluate_all(
        "(all) => all.map((box) => [box.x.baseVal.value, box.y.baseVal.value])"
    )
    size = seen.first.evaluate("(box) => box.width.baseVal.value")
    left, top = min(x for x, _ in places) - size, min(y for _, y in places) - size
    cells = {(round((y - top) / size), round((x - left) / size)) for x, y in places}
    assert cells == {(row, column) for row in (1, 4) for column in (1, 4, 7)}


def test_lines_without_effect_are_hatched_on_the_image(browser_half: Harness) -> None:
    shown = show(browser_half, STARTER, 1380)
    black = replace(shown, image=np.zeros_like(shown.image))
    browser_half.show(message(black)[0], overview=True)
    assert browser_half.call(LIT_LINES) == [[26, 27], [26, 27]]
    note = browser_half.page.locator(".glance .hatching-note")
    expect(note).to_have_text("Hatched: no effect on the prediction")


def test_a_network_without_hatching_has_no_note(browser_half: Harness) -> None:
    block = ConvolutionBlock(2, 3, padding="same", pooling=None)
    show(browser_half, plan(Network((block,)), (28, 28, 1), 10), 1380)
    expect(browser_half.page.locator(".glance .drawing")).to_be_visible()
    expect(browser_half.page.locator(".glance .hatching-note")).to_have_count(0)


def test_maps_that_have_no_part_in_a_number_fade(browser_half: Harness, starter: Picture) -> None:
    unit = Unit("pooling_1", 1, row=2, column=3)
    browser_half.open()
    browser_half.show(message(replace(starter, selected=unit))[0], overview=True)
    faded = browser_half.page.locator(".glance .faded rect")
    expect(faded).to_have_count(3 * 3)  # three of four maps of convolution, ReLU and pooling
    tops = {round(float(rect.get_attribute("y") or "nan")) for rect in faded.all()}
    own = browser_half.page.locator(".glance .receptive-field rect.own")
    assert len(tops) == 3
    assert all(abs(float(own.get_attribute("y") or "nan") - top) > 10 for top in tops)
