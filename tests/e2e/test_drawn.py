"""What the network view draws of networks that most never meet, and in which colors."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cnn.inspection.edits import Edits
from cnn.inspection.forward import forward
from cnn.inspection.units import Unit
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import ConvolutionBlock, Network, Pooling
from cnn.ui.common.theme import SIGNED
from cnn.ui.components import network_message
from cnn.ui.components.network_message import Keras, Picture, message
from tests.e2e.component import Harness
from tests.e2e.pixels import READ
from tests.e2e.reading import check_number
from tests.strategies import random_images, random_weights

Values = NDArray[np.float32]

# Points at the middle of up to 50 pictures and clicks it: the readout, and the receipt with its text version.
PICTURES = """() => [...document.querySelectorAll(".tiles img")].filter((_, at, all) => at % Math.ceil(all.length / 50) === 0).map((picture) => {
  const box = picture.getBoundingClientRect();
  const place = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
  picture.dispatchEvent(new PointerEvent("pointermove", place));
  const readout = document.querySelector(".readout").textContent;
  picture.dispatchEvent(new MouseEvent("click", place));
  const version = document.querySelector(".text-version");
  if (version) { version.open = true; version.ontoggle(); }
  return [readout, document.querySelector(".body").textContent];
})"""
# The colors of each picture of a layer, cell by cell: [red, green, blue, alpha].
PIXELS = f"""(title) => {{
  const stage = [...document.querySelectorAll(".stage")].find((card) => card.querySelector("h2").textContent === title);
  return Promise.all([...stage.querySelectorAll(".tiles img")].map({READ}));
}}"""
BLANKS = f"""async () => {{
  const blank = async (picture) => !(await ({READ})(picture))[2].some((value, at) => at % 4 === 3 && value);
  const found = [];
  for (const image of document.querySelectorAll(".tiles img")) if (await blank(image)) found.push(image.alt);
  return found;
}}"""

# The pictures with a corner that something else lies over.
COVERED = """() => [...document.querySelectorAll(".tiles img")].filter((picture) => {
  picture.scrollIntoView({ block: "center", inline: "center" });
  const { left, right, top, bottom } = picture.getBoundingClientRect();
  return [left + 0.5, right - 0.5].some((x) =>
    [top + 0.5, bottom - 0.5].some((y) => document.elementFromPoint(x, y) !== picture));
}).map((picture) => picture.alt)"""

SMALL = plan(
    Network((ConvolutionBlock(3, 3, 1, "same", True, pooling=Pooling("average", 2, 2)),)),
    (8, 8, 1),
    3,
)
ONE_LOGIT = plan(Network((ConvolutionBlock(2),), output="sigmoid"), (8, 8, 3), 2)


def picture(network_plan: Plan, weights: Values | None = None, **others: Any) -> Picture:
    found = random_weights(network_plan, 3) if weights is None else weights
    image = others.pop("image", random_images(network_plan, 3)[0])
    return Picture(
        network_plan,
        found,
        image,
        tuple(f"class {at}" for at in range(network_plan.classes)),
        **others,
    )


def with_dead_filter(network_plan: Plan) -> Values:
    """The second filter of the first convolution gives 0 everywhere: its map is dead."""
    weights = random_weights(network_plan, 3)
    arrays = network_plan.split(weights)
    arrays["convolution_1/kernel"][..., 1] = 0
    arrays["convolution_1/bias"][1] = 0
    return weights


def with_constant_map(network_plan: Plan) -> Values:
    weights = with_dead_filter(network_plan)
    network_plan.split(weights)["convolution_1/bias"][1] = 0.7
    return weights


ARTICLES = plan(ARTICLE, (28, 28, 1), 10)
BARE = plan(Network(), (6, 6, 1), 3)
MANY = plan(Network((ConvolutionBlock(128, 3), ConvolutionBlock(3, 3))), (12, 12, 3), 4)
CASES = {
    "article": picture(ARTICLES),
    "dead filter": picture(ARTICLES, with_dead_filter(ARTICLES)),
    "constant map": picture(ARTICLES, with_constant_map(ARTICLES)),
    "all weights 0": picture(SMALL, np.zeros(SMALL.parameters, np.float32)),
    "not a number": picture(SMALL, np.full(SMALL.parameters, np.nan, np.float32)),
    "infinite": picture(SMALL, np.full(SMALL.parameters, np.inf, np.float32)),
    "huge": picture(SMALL, np.full(SMALL.parameters, -3e38, np.float32)),
    "black image": picture(SMALL, image=np.zeros((8, 8, 1), np.uint8)),
    "no convolution": picture(BARE),
    "one logit": picture(ONE_LOGIT, truth=1),
    "two classes": picture(plan(Network((ConvolutionBlock(2),)), (8, 8, 1), 2), truth=0),
    "many filters": picture(MANY, scale="map"),
    "filter off": picture(SMALL, edits=Edits(off=frozenset({("convolution_1", 1)}))),
    "Keras could not": picture(SMALL, keras=Keras(fault="Keras could not be asked: why ever.")),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_blank_and_every_number_has_words(browser_half: Harness, name: str) -> None:
    shown = CASES[name]
    browser_half.open()
    browser_half.show(message(shown)[0])
    assert browser_half.call(BLANKS) == []
    texts = browser_half.call(PICTURES)
    words = "\n".join(text for pair in texts for text in pair)
    words += browser_half.page.locator(".network-view").inner_text()
    assert len(texts) >= 2
    check_words(words.replace("∞", "") if name in ("infinite", "huge") else words)
    assert not browser_half.faults
    broken = name in ("not a number", "infinite", "huge")
    assert ("not a number" in words) == broken
    rows = browser_half.page.locator(".class-bars tbody tr")
    assert rows.count() == shown.plan.classes
    assert (rows.locator(".mark.predicted").count() == 1) != broken
    assert rows.locator(".mark.actual").count() == (shown.truth is not None)


def test_every_cell_can_be_pointed_at(browser_half: Harness) -> None:
    browser_half.open()
    browser_half.show(message(CASES["article"])[0])
    assert browser_half.call(COVERED) == []


def test_a_filter_switched_off_says_so(browser_half: Harness) -> None:
    browser_half.open()
    browser_half.show(message(CASES["filter off"])[0])
    for title in ("Convolution 1", "Batch normalization 1", "ReLU 1", "Average pooling 1"):
        captions = stage_texts(browser_half, title, "figcaption")
        assert [text for text in captions if "off" in text] == ["2 off"]


@pytest.mark.parametrize("most", [30_000, 10_000, 5_000, 1_000])
def test_a_network_too_large_says_what_was_left_out(
    browser_half: Harness, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(network_message, "MOST_BYTES", most)
    content, _ = message(picture(ARTICLES, selected=Unit("convolution_2", 0, 0, 0)))
    assert len(content) < most + 10_000
    browser_half.open()
    browser_half.show(content)
    assert browser_half.call(BLANKS) == []
    view, keys = browser_half.page.locator(".network-view"), browser_half.page.keyboard
    missing = view.locator(".stage .missing").all_inner_texts()
    assert missing and all("left out" in text for text in missing)
    view.locator(".strip").focus()
    for key in ["Shift+ArrowRight"] * 7 + ["Shift+ArrowLeft"] * 10:  # also where nothing is
        check_words(view.inner_text())
        keys.press(key)
    kernels = view.locator(".stage.kernels img").all()
    for kernel in kernels[:1]:
        kernel.click()
        check_words(view.inner_text())
    assert not browser_half.faults


def check_words(text: str) -> None:
    for nonsense in ("NaN", "undefined", "Infinity", "null", "[object"):
        assert nonsense not in text
    assert "∞" not in text  # what is not there must not be shown as a number


def test_weights_are_asked_for_once_where_they_are_not_known(browser_half: Harness) -> None:
    shown = CASES["article"]
    whole, name = message(shown)
    short, again = message(shown, name)
    assert again == name and len(short) < len(whole) - 4 * ARTICLES.parameters + 100
    browser_half.open()
    browser_half.show(short)
    assert browser_half.sent == [("missing", name)]
    assert browser_half.page.locator(".stage").count() == 0
    browser_half.show(whole)
    kernels = browser_half.call(PIXELS, "Kernels 1")
    other = replace(shown, image=np.zeros((28, 28, 1), np.uint8))
    browser_half.show(message(other, name)[0])
    assert browser_half.sent == [("missing", name)]
    assert browser_half.call(PIXELS, "Kernels 1") == kernels
    assert not painted(browser_half, "Input")[0][..., :3].any()


def stage_texts(half: Harness, title: str, selector: str) -> list[str]:
    heading = half.page.get_by_role("heading", name=title, exact=True)
    stage = half.page.locator(".stage").filter(has=heading)
    return stage.locator(selector).all_inner_texts()


def painted(half: Harness, title: str) -> list[NDArray[np.uint8]]:
    """Every picture of a layer: (height, width, 4)."""
    return [
        np.array(data, np.uint8).reshape(height, width, 4)
        for height, width, data in half.call(PIXELS, title)
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_zero_has_the_grounds_color_and_the_extremes_stand_out(
    browser_half: Harness, scheme: str
) -> None:
    shown = picture(ARTICLES)
    outputs = forward(ARTICLES, shown.weights, shown.image[None])
    browser_half.open(scheme)
    browser_half.show(message(shown)[0])
    ground = 255 if scheme == "light" else 23
    for title, name in (("Convolution 1", "convolution_1"), ("ReLU 1", "activation_1")):
        maps = np.stack(painted(browser_half, title), axis=2)
        values = outputs[name][0]
        assert maps.shape == (*values.shape, 4)
        zeros = maps[values == 0][:, :3].astype(int)
        assert (abs(zeros - ground) < 40).all()
        red, blue = maps[..., 0].astype(int), maps[..., 2].astype(int)
        clear = abs(values) > 0.1 * abs(values).max()
        assert (blue > red)[clear & (values > 0)].all()
        assert (red > blue)[clear & (values < 0)].all()
        farthest = np.unravel_index(abs(values).argmax(), values.shape)
        sign = "positive" if values[farthest] > 0 else "negative"
        assert maps[farthest][:3].tolist() == SIGNED[scheme][sign][-1]
    zeros = np.isclose(outputs["activation_1"], 0)
    assert zeros.any()
    input_map = painted(browser_half, "Input")[0]
    np.testing.assert_array_equal(input_map[..., :3], np.repeat(shown.image, 3, axis=2))


def test_colors_of_an_image_are_its_own(browser_half: Harness) -> None:
    browser_half.open()
    browser_half.show(message(CASES["one logit"])[0])
    [image] = painted(browser_half, "Input")
    np.testing.assert_array_equal(image[..., :3], CASES["one logit"].image)


def test_the_legend_has_the_limits_of_the_colors(browser_half: Harness) -> None:
    shown = picture(ARTICLES)
    outputs = {
        name: values[0]
        for name, values in forward(ARTICLES, shown.weights, shown.image[None]).items()
    }
    browser_half.open()
    maps = outputs["activation_1"]

    browser_half.show(message(replace(shown, scale="layer"))[0])
    low, zero, high = stage_texts(browser_half, "ReLU 1", ".ends span")
    check_number(high, float(abs(maps).max()))
    check_number(low, -float(abs(maps).max()))
    assert zero == "0"
    kernels = ARTICLES.split(shown.weights)["convolution_2/kernel"]
    check_number(
        stage_texts(browser_half, "Kernels 2", ".ends span")[-1], float(abs(kernels).max())
    )

    browser_half.show(message(replace(shown, scale="map"))[0])
    assert stage_texts(browser_half, "ReLU 1", ".ends span")[-1] == "max of each map"
    captions = stage_texts(browser_half, "ReLU 1", "figcaption")
    for channel, text in enumerate(captions):
        check_number(text.partition("±")[2], float(abs(maps[..., channel]).max()))

    browser_half.show(message(replace(shown, scale="network"))[0])
    inside = [values for name, values in outputs.items() if name not in ("image", "softmax")]
    largest = max(float(abs(values).max()) for values in inside)
    for title in ("ReLU 1", "Convolution 2", "Max pooling 2", "Flatten"):
        check_number(stage_texts(browser_half, title, ".ends span")[-1], largest)
