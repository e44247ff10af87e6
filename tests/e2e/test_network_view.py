"""The network view in the app: a real pointer, real keys, a real worker, and the address."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import FloatRect, Locator, Page, expect

from cnn.data.split import ChosenData
from cnn.inspection.forward import forward
from cnn.network.plan import Plan
from cnn.training.run import Run
from cnn.ui.state import services
from tests.e2e.network import show_every_layer
from tests.e2e.reading import check_number, numbers_in, read_number
from tests.e2e.runs import SEED, UNEVEN
from tests.strategies import random_weights

Tab = Callable[..., Page]
Values = NDArray[np.float32]

IMAGE = 31


class Trained:
    """A run and all that its network computes for one image after an epoch."""

    def __init__(self, run: Run, weights: Values) -> None:
        self.data: ChosenData = services.chosen(run.job.data)
        self.plan: Plan = services.run_plan(run)
        outputs = forward(self.plan, weights, self.data.dataset.images[IMAGE : IMAGE + 1])
        self.outputs = {name: values[0] for name, values in outputs.items()}


def shipped_after(epoch: int) -> Trained:
    run = services.run_store().run(services.EXAMPLE_RUN)
    return Trained(run, services.weights(run.id, epoch))


@pytest.fixture(scope="module")
def shipped() -> Trained:
    return shipped_after(services.run_store().run(services.EXAMPLE_RUN).last_epoch)


@pytest.fixture(scope="module")
def uneven() -> Trained:
    return Trained(UNEVEN, random_weights(services.run_plan(UNEVEN), SEED))


def stage(page: Page, title: str) -> Locator:
    heading = page.get_by_role("heading", name=title, exact=True)
    return page.locator(".network-view section.stage").filter(has=heading)


def box(found: Locator) -> FloatRect:
    measured = found.bounding_box()
    assert measured
    return measured


def middle(picture: Locator, row: int, column: int) -> dict[str, float]:
    """Where the middle of a cell is, for a pointer over the picture."""
    rows, columns = (int(picture.get_attribute(name) or 0) for name in ("height", "width"))
    area = box(picture)
    return {"x": (column + 0.5) * area["width"] / columns, "y": (row + 0.5) * area["height"] / rows}


def point(page: Page, title: str, tile: int, row: int, column: int) -> str:
    """Point at the middle of a cell; returns the readout."""
    picture = stage(page, title).locator(".tiles img").nth(tile)
    readout = page.locator(".network-view .readout")
    wanted = re.compile(f"{re.escape(title)},.* row {row + 1}, column {column + 1}:")
    for _ in range(10):  # the page may still move under the pointer
        picture.hover(position=middle(picture, row, column))
        if wanted.search(readout.inner_text()):
            break
    expect(readout).to_have_text(wanted)
    return readout.inner_text()


def shown_value(text: str) -> str:
    match = re.search(r": (\S+?)( · |$)", text)
    assert match, text
    return match[1]


def extremes(values: Values) -> list[tuple[int, ...]]:
    """Where the largest value is, the smallest, and one in a corner."""
    last = tuple(size - 1 for size in values.shape)
    places = (values.argmax(), values.argmin())
    return [*(tuple(map(int, np.unravel_index(at, values.shape))) for at in places), last]


def check_maps(page: Page, title: str, trained: Trained, name: str) -> None:
    """Values, and the outline on the input, against the forward pass and the receptive field."""
    values, field = trained.outputs[name], trained.plan.layer(name).receptive_field
    assert field
    for row, column, channel in extremes(values):
        text = point(page, title, channel, row, column)
        assert f"{title}, map {channel + 1}, row {row + 1}, column {column + 1}:" in text
        check_number(shown_value(text), float(values[row, column, channel]))
        (top, bottom), (left, right) = (field.span(at, 28) for at in (row, column))
        assert f"sees rows {top + 1}–{bottom}, columns {left + 1}–{right} of the image" in text
        picture, outline = (
            box(stage(page, "Input").locator(part))
            for part in (".tiles img", ".receptive-field-box")
        )
        pixel = picture["width"] / 28
        drawn = [
            (outline["y"] - picture["y"]) / pixel,
            (outline["y"] + outline["height"] - picture["y"]) / pixel,
            (outline["x"] - picture["x"]) / pixel,
            (outline["x"] + outline["width"] - picture["x"]) / pixel,
        ]
        assert drawn == pytest.approx([top, bottom, left, right], abs=0.3)


def receipt(page: Page) -> list[str]:
    """All lines of the receipt, once Keras has answered: its own last."""
    expect(page.locator(".receipt .keras")).to_contain_text("difference")
    return page.locator(".receipt").inner_text().splitlines()


def check_receipt(page: Page, trained: Trained, name: str, place: tuple[int, ...]) -> None:
    """The title has the value, and Keras's own number is shown to be the same."""
    lines = receipt(page)
    value = pytest.approx(float(trained.outputs[name][place]), rel=1e-5, abs=1e-5)
    assert read_number(lines[0].rpartition(" = ")[2]) == value
    [recomputed, kerass] = numbers_in(page.locator(".receipt .keras").inner_text())[:2]
    assert recomputed == value and kerass == value
    assert numbers_in(page.locator(".receipt .keras").inner_text())[2] < 1e-5


def test_pointing_shows_the_networks_own_numbers(tab: Tab, shipped: Trained) -> None:
    page = tab(f"/Inspect?image={IMAGE}")
    show_every_layer(page)
    for title, name in (
        ("ReLU 1", "activation_1"),
        ("Convolution 2", "convolution_2"),
        ("Max pooling 2", "pooling_2"),
    ):
        check_maps(page, title, shipped, name)
    for row, column, _ in extremes(shipped.outputs["image"]):
        text = point(page, "Input", 0, row, column)
        check_number(shown_value(text), float(shipped.outputs["image"][row, column, 0]))


def test_the_softmax_names_the_winner_and_the_truth(tab: Tab, shipped: Trained) -> None:
    page = tab(f"/Inspect?image={IMAGE}")
    show_every_layer(page)
    chances, logits = shipped.outputs["softmax"], shipped.outputs["logits"]
    rows = stage(page, "Softmax").locator("tbody tr")
    expect(rows).to_have_count(10)
    for row, name, chance, logit in zip(
        rows.all(), shipped.data.classes, chances, logits, strict=True
    ):
        expect(row.locator("th")).to_contain_text(name)
        check_number(row.locator(".logit").inner_text(), float(logit))
        percent = float(row.locator(".percent").inner_text().removesuffix("%"))
        assert percent == pytest.approx(100 * chance, abs=0.0501)
    [winner] = stage(page, "Softmax").locator("tr:has(.mark.predicted)").all()
    expect(winner).to_contain_text(shipped.data.classes[int(chances.argmax())])
    [truth] = stage(page, "Softmax").locator("tr:has(.mark.actual)").all()
    expect(truth).to_contain_text(shipped.data.classes[int(shipped.data.labels[IMAGE])])
    winner.locator(".percent").click()
    page.wait_for_url(re.compile(rf"at=softmax-unit{chances.argmax() + 1}$"))
    check_receipt(page, shipped, "softmax", (int(chances.argmax()),))


def test_a_click_opens_the_receipt_and_its_link_the_same(tab: Tab, shipped: Trained) -> None:
    page = tab(f"/Inspect?image={IMAGE}")
    show_every_layer(page)
    picture = stage(page, "Convolution 2").locator(".tiles img").nth(2)
    picture.click(position=middle(picture, 4, 6))
    expect(page.locator(".receipt h2")).to_contain_text("Convolution 2, map 3, row 5, column 7 = ")
    page.wait_for_url(re.compile("at=convolution_2-map3-row5-column7"))
    check_receipt(page, shipped, "convolution_2", (4, 6, 2))
    again = tab(page.url.removeprefix(page.url.split("/Inspect")[0]))
    show_every_layer(again)
    assert receipt(again) == receipt(page)


def test_keys_lead_to_the_address_too(tab: Tab, shipped: Trained) -> None:
    page = tab(f"/Inspect?image={IMAGE}&at=convolution_2-map3-row5-column7")
    show_every_layer(page)
    check_receipt(page, shipped, "convolution_2", (4, 6, 2))
    page.locator(".strip").focus()
    for key in ("ArrowRight", "ArrowDown", "PageDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile("at=activation_2-map4-row6-column8"))
    check_receipt(page, shipped, "activation_2", (5, 7, 3))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("at="))
    expect(page.locator(".receipt")).to_have_count(0)


def test_the_handle_moves_the_network_through_its_epochs(tab: Tab) -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    page = tab(f"/Inspect?image={IMAGE}&at=convolution_2-map3-row5-column7")
    show_every_layer(page)
    slider = page.get_by_role("slider", name="Epoch")
    slider.focus()
    for key, epoch in (("Home", run.kept[0]), ("ArrowRight", run.kept[1])):
        page.keyboard.press(key)
        page.wait_for_url(re.compile(rf"epoch={epoch}\b"))
        expect(page.locator(".epoch")).to_contain_text(f"Epoch {epoch}")
        check_receipt(page, shipped_after(epoch), "convolution_2", (4, 6, 2))


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("convolution_2-map99", "The layer convolution_2 is 11 × 11 × 8; there is no"),
        ("%3Cb%3E", "could not be read"),
    ],
)
def test_an_address_of_a_number_that_is_not_there_gets_a_sentence(
    tab: Tab, at: str, sentence: str
) -> None:
    page = tab(f"/Inspect?image={IMAGE}&at={at}")
    show_every_layer(page)
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    expect(page.locator(".receipt")).to_have_count(0)


def test_a_run_in_the_address_with_uneven_geometry(tab: Tab, uneven: Trained) -> None:
    page = tab(f"/Inspect?run=uneven&image={IMAGE}&at=pooling_1-map2-row3-column2")
    show_every_layer(page)
    check_receipt(page, uneven, "pooling_1", (2, 1, 1))
    for title, name in (
        ("Convolution 1", "convolution_1"),
        ("Tanh 1", "activation_1"),
        ("Max pooling 1", "pooling_1"),
        ("Convolution 2", "convolution_2"),
    ):
        check_maps(page, title, uneven, name)
    field = uneven.plan.layer("convolution_2").receptive_field
    assert field and field.end < 28  # some pixels no unit sees; the outline must end before them
    tanh = stage(page, "Tanh 1")
    expect(tanh.locator(".hatched")).to_have_count(3)
    expect(tanh.locator(".facts")).to_contain_text(re.compile("Hatched: .* 14 .* Max pooling 1"))


def test_a_phone_holds_the_view_and_its_receipt(tab: Tab, shipped: Trained) -> None:
    page = tab(f"/Inspect?image={IMAGE}&at=convolution_2-map3-row5-column7", width=390)
    page.get_by_role("button", name="Show the arithmetic").click()
    check_receipt(page, shipped, "convolution_2", (4, 6, 2))
    for part in (".prediction", ".row", ".dock", ".timeline"):
        area = box(page.locator(f".network-view {part}").first)
        assert area["x"] >= 0 and area["x"] + area["width"] <= 390
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
