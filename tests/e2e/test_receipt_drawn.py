"""A receipt as people see it: its tables, its sums, its text version and Keras's own number."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from cnn.inspection.forward import forward
from cnn.inspection.keras_values import layer_values
from cnn.inspection.units import Unit
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling
from cnn.ui.components.network_message import Keras, Picture, message
from tests.e2e.component import Harness
from tests.e2e.reading import check_number, numbers_in, read_number
from tests.strategies import random_images, random_weights

PLAN = plan(
    Network(
        (
            ConvolutionBlock(3, 3, 2, "same", True, Activation("elu"), Pooling("max", 2, 1)),
            ConvolutionBlock(2, 2, 1, "valid", pooling=Pooling("average", 2, 1)),
        ),
        dense=(DenseLayer(14, Activation("leaky_relu", 0.2)),),
    ),
    (12, 12, 3),
    4,
)
CLASSES = ("shirt", "boot", "bag", "coat")
WEIGHTS, IMAGE = random_weights(PLAN, 5), random_images(PLAN, 5)[0]
ARRAYS = PLAN.split(WEIGHTS)
OUTPUTS = {name: out[0] for name, out in forward(PLAN, WEIGHTS, IMAGE[None]).items()}
UNITS = {
    "convolution": Unit("convolution_2", 1, 2, 3),
    "padded": Unit("convolution_1", 2, 5, 5),
    "normalization": Unit("batch_normalization_1", 1, 2, 3),
    "activation": Unit("activation_1", 1, 2, 3),
    "max pooling": Unit("pooling_1", 0, 1, 2),
    "average pooling": Unit("pooling_2", 0, 1, 1),
    "flatten": Unit("flatten", 5),
    "dense": Unit("dense_1", 7),
    "dense activation": Unit("dense_activation_1", 7),
    "logit": Unit("logits", 2),
    "softmax": Unit("softmax", 3),
}


def picture(unit: Unit, **others: Any) -> Picture:
    return Picture(PLAN, WEIGHTS, IMAGE, CLASSES, 1, selected=unit, **others)


def show(half: Harness, unit: Unit, **others: Any) -> None:
    half.open()
    half.show(message(picture(unit, **others))[0])


def value_of(unit: Unit) -> float:
    return float(OUTPUTS[unit.layer][unit.place])


def twin_lines(half: Harness) -> list[str]:
    half.page.get_by_text("As text").click()
    found = half.page.locator(".text-version pre")
    expect(found).to_contain_text("=")
    return found.inner_text().splitlines()


@pytest.mark.parametrize("kind", UNITS)
def test_title_sum_and_text_come_to_the_value(browser_half: Harness, kind: str) -> None:
    unit = UNITS[kind]
    show(browser_half, unit)
    close = pytest.approx(value_of(unit), rel=2e-6, abs=2e-7)
    title = browser_half.page.locator(".receipt h2").inner_text()
    assert read_number(title.partition(" = ")[2]) == close
    if kind != "flatten":
        line = browser_half.page.locator(".sum").inner_text()
        assert read_number(line.rpartition(" = ")[2]) == close
    lines = twin_lines(browser_half)
    assert lines[0].partition(" = ")[0] == title.partition(" = ")[0]
    assert read_number(lines[0].partition(" = ")[2]) == close
    assert browser_half.page.locator(".sentence").inner_text() == lines[1]


@pytest.mark.parametrize("kind", ["convolution", "padded"])
def test_the_text_of_a_convolution_holds_every_product(browser_half: Harness, kind: str) -> None:
    unit = UNITS[kind]
    show(browser_half, unit)
    lines = [line for line in twin_lines(browser_half) if line.startswith("Channel ")]
    kernel = ARRAYS[f"{unit.layer}/kernel"]
    assert len(lines) == kernel.shape[2]
    sums = []
    for channel, line in enumerate(lines):
        products, _, subtotal = line.partition(": ")[2].rpartition(" = ")
        pairs = [
            product.split(" × ") for product in products.replace(" (padding)", "").split(" + ")
        ]
        weights = [read_number(weight) for _, weight in pairs]
        expected = kernel[:, :, channel, unit.channel].ravel()
        np.testing.assert_allclose(weights, expected, rtol=2e-6, atol=6e-8)
        total = sum(read_number(value) * read_number(weight) for value, weight in pairs)
        assert read_number(subtotal) == pytest.approx(total, abs=2e-6)
        assert line.count("(padding)") == (5 if kind == "padded" else 0)
        sums.append(total)
    bias = float(ARRAYS[f"{unit.layer}/bias"][unit.channel])
    assert sum(sums) + bias == pytest.approx(value_of(unit), abs=5e-6)
    shown_numbers = numbers_in(browser_half.page.locator(".sum").inner_text())
    assert shown_numbers[:-2] == pytest.approx(sums, abs=2e-6)
    assert shown_numbers[-2:] == pytest.approx([bias, value_of(unit)], abs=2e-6)


def tables(half: Harness) -> list[list[str]]:
    found = half.page.locator(".receipt table.numbers").all()
    return [table.locator("td").all_inner_texts() for table in found]


def test_the_tables_of_a_convolution_hold_patch_kernel_and_products(browser_half: Harness) -> None:
    unit = UNITS["padded"]
    show(browser_half, unit)
    shown = tables(browser_half)
    padded = np.pad(OUTPUTS["image"], ((0, 1), (0, 1), (0, 0)))
    kernel = ARRAYS["convolution_1/kernel"]
    for channel in range(3):
        patch = padded[10:13, 10:13, channel].ravel()
        weights = kernel[:, :, channel, unit.channel].ravel()
        for texts, values in zip(
            shown[3 * channel : 3 * channel + 3],
            (patch, weights, patch * weights),
            strict=True,
        ):
            for text, value in zip(texts, values, strict=True):
                check_number(text, float(value))
    first = browser_half.page.locator(".receipt table.numbers").first
    assert [at for at, cell in enumerate(first.locator("td").all()) if is_padding(cell)] == [
        *(2, 5, 6, 7, 8)
    ]
    together = browser_half.page.locator(".receipt td.together")
    for at in (4, 1):  # the cells at one place of patch, kernel and products, of one channel
        first.locator("td").nth(at).hover()
        assert [cell.get_attribute("data-at") for cell in together.all()] == 3 * [str(at)]


def is_padding(cell: Any) -> bool:
    return "padding" in (cell.get_attribute("class") or "")


def test_the_winner_of_a_pooling_is_marked(browser_half: Harness) -> None:
    show(browser_half, UNITS["max pooling"])
    window = OUTPUTS["activation_1"][1:3, 2:4, 0].ravel()
    [texts] = tables(browser_half)
    for text, value in zip(texts, window, strict=True):
        check_number(text, float(value))
    winner = browser_half.page.locator(".receipt td.winner")
    assert winner.count() == 1
    assert winner.get_attribute("data-at") == str(window.argmax())

    show(browser_half, UNITS["average pooling"])
    assert browser_half.page.locator(".receipt td.winner").count() == 0


@pytest.mark.parametrize("kind", ["dense", "logit"])
def test_contributions_are_listed_largest_first_and_add_up(
    browser_half: Harness, kind: str
) -> None:
    unit = UNITS[kind]
    show(browser_half, unit)
    page = browser_half.page
    before = {"dense_1": "flatten", "logits": "dense_activation_1"}[unit.layer]
    products = OUTPUTS[before] * ARRAYS[f"{unit.layer}/kernel"][:, unit.channel]
    largest = products[np.argsort(-abs(products), kind="stable")]
    rows = page.locator(".terms tbody tr")
    for row, value in zip(rows.all()[:6], largest, strict=False):
        check_number(row.locator("td").nth(3).inner_text(), float(value))
    page.get_by_role("button", name="show", exact=True).click()
    bias = float(ARRAYS[f"{unit.layer}/bias"][unit.channel])
    assert rows.count() == len(products) + 1
    shown_numbers = [read_number(row.locator("td").nth(3).inner_text()) for row in rows.all()]
    assert sum(shown_numbers) == pytest.approx(value_of(unit), abs=0.006 * len(shown_numbers))
    assert shown_numbers[-1] == pytest.approx(bias, abs=0.006)


def test_the_softmax_is_shown_step_by_step(browser_half: Harness) -> None:
    unit = UNITS["softmax"]
    show(browser_half, unit)
    logits = OUTPUTS["logits"].astype(float)
    shares = np.exp(logits) / np.exp(logits).sum()
    rows = browser_half.page.locator(".terms").first.locator("tbody tr").all()
    shown = np.array(
        [[read_number(t) for t in row.locator("td").all_inner_texts()] for row in rows[:-1]]
    )
    less = logits - logits.max()
    expected = np.stack([logits, less, np.exp(less), shares], axis=1)
    np.testing.assert_allclose(shown, expected, rtol=1e-5, atol=1e-6)
    total, share = rows[-1].locator("td").all_inner_texts()[2:]
    assert read_number(total) == pytest.approx(np.exp(less).sum(), rel=1e-6)
    assert read_number(share) == pytest.approx(1)
    assert "chosen" in (rows[unit.channel].get_attribute("class") or "")


def test_a_class_is_compared_with_another(browser_half: Harness) -> None:
    show(browser_half, UNITS["softmax"], other=0)
    box = browser_half.page.get_by_label("Compare coat with")
    logits = OUTPUTS["logits"].astype(float)
    for other, name in ((0, "shirt"), (2, "bag")):
        box.select_option(name)
        line = browser_half.page.locator(".difference").inner_text()
        difference = float(logits[3] - logits[other])
        first, _, rest = line.partition(". e to that is ")
        close = pytest.approx([difference, logits[3], logits[other]], rel=1e-5, abs=1e-6)
        assert numbers_in(first)[-3:] == close
        assert numbers_in(rest)[0] == pytest.approx(np.exp(difference), rel=1e-5)
        larger, smaller = ("coat", name) if difference >= 0 else (name, "coat")
        assert rest.index(larger) < rest.index(smaller)
        rows = browser_half.page.locator(".why tbody tr")
        expect(rows).to_have_count(6 + 1 + 1)
        products = [read_number(row.locator("td").nth(3).inner_text()) for row in rows.all()]
        assert sum(products) == pytest.approx(difference, abs=0.05)
        expect(rows.nth(6)).to_contain_text("8 more")


@pytest.mark.parametrize("kind", UNITS)
def test_the_last_line_compares_with_keras(browser_half: Harness, kind: str) -> None:
    unit = UNITS[kind]
    show(browser_half, unit, keras=Keras())
    line = browser_half.page.locator(".keras")
    expect(line).to_contain_text("asking Keras")
    answer: dict[str, NDArray[np.float32]] = layer_values(PLAN, WEIGHTS, IMAGE)
    browser_half.show(message(picture(unit, keras=Keras(answer)))[0])
    recomputed, theirs, difference = line.inner_text().split(" · ")
    kerass = float(answer[unit.layer][unit.place])
    assert numbers_in(theirs) == pytest.approx([kerass], rel=2e-6, abs=6e-8)
    assert numbers_in(recomputed) == pytest.approx([kerass], rel=1e-5, abs=1e-5)
    [error] = numbers_in(difference)
    assert error < 1e-5


def test_keras_is_compared_with_its_own_layer_only(browser_half: Harness) -> None:
    answer = layer_values(PLAN, WEIGHTS, IMAGE)
    show(browser_half, UNITS["convolution"], keras=Keras(answer))
    line = browser_half.page.locator(".keras")
    expect(line).to_contain_text("difference")
    strip = browser_half.page.locator(".strip")
    strip.focus()
    browser_half.page.keyboard.press("ArrowRight")  # the layer's values are all there
    expect(line).to_contain_text("difference")
    browser_half.page.keyboard.press("Shift+ArrowRight")
    expect(line).to_contain_text("asking Keras")


def test_the_two_chances_of_one_logit_are_both_shown(browser_half: Harness) -> None:
    network_plan = plan(Network((ConvolutionBlock(2),), output="sigmoid"), (8, 8, 1), 2)
    weights, image = random_weights(network_plan, 2), random_images(network_plan, 2)[0]
    outputs = forward(network_plan, weights, image[None])
    second = float(outputs["sigmoid"][0, 0])
    answer = layer_values(network_plan, weights, image)
    for channel, expected in enumerate((1 - second, second)):
        shown = Picture(
            network_plan, weights, image, ("no", "yes"), selected=Unit("sigmoid", channel)
        )
        browser_half.open()
        browser_half.show(message(replace(shown, keras=Keras(answer)))[0])
        title = browser_half.page.locator(".receipt h2").inner_text()
        assert title.startswith(f"Sigmoid, {('no', 'yes')[channel]} = ")
        assert read_number(title.partition(" = ")[2]) == pytest.approx(expected, abs=1e-6)
        [error] = numbers_in(browser_half.page.locator(".keras").inner_text().split(" · ")[2])
        assert error < 1e-5


@pytest.mark.parametrize(
    ("unit", "sentence"),
    [
        (
            Unit("image", 0, 27, 4),
            "It goes into 12 numbers of Convolution 1, such as Convolution 1, map 1, row 26, column 4, "
            "but none of them has an effect on the prediction: nothing that depends on it gets past Max pooling 2.",
        ),
        (
            Unit("activation_1", 0, 4, 24),
            "It goes into Max pooling 1, map 1, row 3, column 13, which has no effect on the prediction: "
            "nothing that depends on it gets past Max pooling 2.",
        ),
        (
            Unit("convolution_2", 0, 10, 4),
            "No window of Max pooling 2 reads this cell: it has no effect on the prediction.",
        ),
        (Unit("pooling_2", 0, 4, 4), "It goes into Flatten, unit 193."),
    ],
)
def test_a_receipt_says_whether_its_number_has_an_effect(
    browser_half: Harness, unit: Unit, sentence: str
) -> None:
    article = plan(ARTICLE, (28, 28, 1), len(CLASSES))
    image = random_images(article, 1)[0]
    shown = Picture(article, random_weights(article, 1), image, CLASSES, selected=unit)
    browser_half.open()
    browser_half.show(message(shown)[0])
    expect(browser_half.page.locator(".receipt .step").last).to_have_text(sentence)


def test_a_line_of_the_classes_leads_to_the_probability_and_its_logit(
    browser_half: Harness,
) -> None:
    show(browser_half, UNITS["dense"])
    line = browser_half.page.locator(".class-bars tbody tr").nth(2)
    title = browser_half.page.locator(".receipt h2").first
    line.locator(".percent").click()
    expect(title).to_contain_text("Softmax, bag")
    line.locator(".logit").click()
    expect(title).to_contain_text("Logits, bag")
