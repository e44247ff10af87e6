"""The network view under a real pointer: what it tells is what the network computes."""

import math
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import FloatRect, Locator, Page, expect

from cnn.data.dataset import ChosenData
from cnn.inspection.forward import forward
from cnn.network.plan import Plan
from cnn.network.spec import Activation, ConvolutionBlock, Network, Pooling
from cnn.training.events import EpochEnd
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Run
from cnn.training.store import RunStore
from cnn.ui import services
from cnn.ui.address import DEFAULT_DATA
from cnn.ui.colours import SIGNED
from tests.e2e.server import Server
from tests.strategies import random_weights

Tab = Callable[..., Page]
Values = NDArray[np.float32]

IMAGE = 31
UNEVEN = Network(
    (
        ConvolutionBlock(
            3, 4, 2, "same", activation=Activation("tanh"), pooling=Pooling("max", 3, 2)
        ),
        ConvolutionBlock(2, 2, 1, "same", pooling=None),
    ),
    "global_average",
)
"""Its kernels are even, its padding is lopsided, and its pooling leaves the last cells out."""


class Trained:
    """A run and all that its network computes for one image."""

    def __init__(self, run: Run, weights: Values) -> None:
        self.data: ChosenData = services.chosen(run.job.data)
        self.plan: Plan = services.run_plan(run)
        self.weights = self.plan.split(weights)
        outputs = forward(self.plan, weights, self.data.dataset.images[IMAGE : IMAGE + 1])
        self.outputs = {name: values[0] for name, values in outputs.items()}


@pytest.fixture(scope="module")
def shipped() -> Trained:
    run = services.run_store().run(services.SHIPPED_RUN)
    return Trained(run, services.weights(run.id, run.last_epoch))


def uneven_run() -> Run:
    job = Job(UNEVEN, DEFAULT_DATA, Settings((Phase(1, 0.001),)))
    return Run("uneven", job, "done", "", 1.0, 1.0)


@pytest.fixture(scope="module")
def uneven() -> Trained:
    return Trained(uneven_run(), random_weights(services.run_plan(uneven_run()), 4))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, with a run of the uneven network beside the shipped one."""
    home = tmp_path_factory.mktemp("server")
    store = RunStore(home / "runs")
    run = uneven_run()
    store.save(run)
    weights = random_weights(services.run_plan(run), 4)
    store.save(store.save_epoch(run, EpochEnd(0, 2.3, 0.1, 2.3, 0.1, 0.001, 1, weights, b"")))
    made = Server(home)
    yield made
    made.stop()


def stage(page: Page, title: str) -> Locator:
    heading = page.get_by_role("heading", name=title, exact=True)
    return page.locator(".network-view section.stage").filter(has=heading)


def box(found: Locator) -> FloatRect:
    measured = found.bounding_box()
    assert measured
    return measured


def point(page: Page, title: str, tile: int, row: int, column: int) -> str:
    """Point at the middle of a cell; returns what is told then."""
    canvas = stage(page, title).locator(".tiles canvas").nth(tile)
    readout = page.locator(".network-view .readout")
    page.mouse.move(0, 0)
    expect(readout).to_have_text(re.compile("^Point at any cell"))
    rows, columns = (int(canvas.get_attribute(name) or 0) for name in ("height", "width"))
    area = box(canvas)
    across = (column + 0.5) * area["width"] / columns
    down = (row + 0.5) * area["height"] / rows
    canvas.hover(position={"x": across, "y": down})
    expect(readout).to_have_text(re.compile(f"^{re.escape(title)}"))
    return readout.inner_text()


def check_number(text: str, value: float) -> None:
    """The text is the value, rounded to its own last digit and to at most 5 percent."""
    told = text.replace("−", "-")
    mantissa, _, exponent = told.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    assert abs(float(told) - value) <= 0.501 * unit, (text, value)
    assert math.isclose(float(told), value, rel_tol=0.051), (text, value)


def told_value(text: str) -> str:
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
        check_number(told_value(text), float(values[row, column, channel]))
        (top, bottom), (left, right) = (field.span(at, 28) for at in (row, column))
        assert f"sees rows {top + 1}–{bottom}, columns {left + 1}–{right} of the image" in text
        picture, outline = (
            box(stage(page, "Input").locator(part)) for part in (".tiles canvas", ".outline")
        )
        pixel = picture["width"] / 28
        drawn = [
            (outline["y"] - picture["y"]) / pixel,
            (outline["y"] + outline["height"] - picture["y"]) / pixel,
            (outline["x"] - picture["x"]) / pixel,
            (outline["x"] + outline["width"] - picture["x"]) / pixel,
        ]
        assert drawn == pytest.approx([top, bottom, left, right], abs=0.3)


def pixel(page: Page, title: str, tile: int, row: int, column: int) -> tuple[int, ...]:
    """The colour of a cell, as it is painted."""
    canvas = stage(page, title).locator(".tiles canvas").nth(tile)
    script = "(c, [x, y]) => [...c.getContext('2d').getImageData(x, y, 1, 1).data]"
    return tuple(canvas.evaluate(script, [column, row])[:3])


def test_pointing_tells_the_networks_own_numbers(tab: Tab, shipped: Trained) -> None:
    page = tab(f"/Inspect?image={IMAGE}")
    check_maps(page, "ReLU 1", shipped, "activation_1")
    check_maps(page, "Convolution 2", shipped, "convolution_2")
    check_maps(page, "Max pooling 2", shipped, "pooling_2")

    for row, column, _ in extremes(shipped.outputs["image"]):
        text = point(page, "Input", 0, row, column)
        assert f"row {row + 1}, column {column + 1}:" in text
        check_number(told_value(text), float(shipped.outputs["image"][row, column, 0]))

    units = shipped.outputs["dense_1"]
    for (unit,) in extremes(units):
        text = point(page, "Dense 1", 0, unit // 10, unit % 10)
        assert f"unit {unit + 1}:" in text
        check_number(told_value(text), float(units[unit]))


def test_the_softmax_names_the_winner_and_the_truth(tab: Tab, shipped: Trained) -> None:
    page = tab(f"/Inspect?image={IMAGE}")
    chances, logits = shipped.outputs["softmax"], shipped.outputs["logits"]
    rows = stage(page, "Softmax").locator("tbody tr")
    expect(rows).to_have_count(10)
    for row, name, chance, logit in zip(
        rows.all(), shipped.data.classes, chances, logits, strict=True
    ):
        expect(row.locator("th")).to_contain_text(name)
        check_number(row.locator(".logit").inner_text(), float(logit))
        percent = float(row.locator(".percent").inner_text().removesuffix(" %"))
        assert percent == pytest.approx(100 * chance, abs=0.0501)
    [winner] = stage(page, "Softmax").locator("tr:has(.mark.winner)").all()
    expect(winner).to_contain_text(shipped.data.classes[int(chances.argmax())])
    [truth] = stage(page, "Softmax").locator("tr:has(.mark.truth)").all()
    expect(truth).to_contain_text(shipped.data.classes[int(shipped.data.labels[IMAGE])])


def test_a_click_on_a_kernel_shows_its_numbers(tab: Tab, shipped: Trained) -> None:
    page = tab(f"/Inspect?image={IMAGE}")
    kernels = shipped.weights["convolution_2/kernel"]
    found = stage(page, "Kernels 2")
    for tile in (0, 6, 31):  # a row is a filter, a column a channel
        found.locator(".tiles canvas").nth(tile).click()
        expect(found.locator(".detail")).to_contain_text(
            f"filter {tile // 4 + 1}, channel {tile % 4 + 1}: its numbers"
        )
        cells = found.locator("table.numbers td").all_inner_texts()
        for text, value in zip(cells, kernels[:, :, tile % 4, tile // 4].ravel(), strict=True):
            check_number(text, float(value))
    found.get_by_role("button", name="Close").click()
    expect(found.locator(".detail")).to_have_count(0)


def test_the_scale_reaches_as_far_as_chosen(tab: Tab, shipped: Trained) -> None:
    page = tab(f"/Inspect?image={IMAGE}")
    maps = shipped.outputs["activation_1"]
    found = stage(page, "ReLU 1")
    ends = found.locator(".legend .ends span")
    check_number(ends.last.inner_text(), float(np.abs(maps).max()))
    check_number(ends.first.inner_text(), -float(np.abs(maps).max()))

    page.get_by_text("Each map", exact=True).click()
    expect(ends.last).to_have_text("max of each map")
    captions = found.locator("figcaption").all_inner_texts()
    for channel, text in enumerate(captions):
        check_number(text.partition("±")[2], float(np.abs(maps[..., channel]).max()))

    page.get_by_text("Whole network", exact=True).click()
    expect(ends.last).not_to_have_text("max of each map")
    shown = [v for name, v in shipped.outputs.items() if name not in ("image", "logits", "softmax")]
    largest = max(float(np.abs(values).max()) for values in shown)
    assert largest > 1.2 * np.abs(maps).max()  # else the choice could not be told from the layer's
    for title in ("ReLU 1", "Convolution 2", "Dense 1"):
        check_number(stage(page, title).locator(".ends span").last.inner_text(), largest)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_zero_has_the_grounds_colour_and_the_extremes_stand_out(
    tab: Tab, shipped: Trained, scheme: str
) -> None:
    page = tab(f"/Inspect?image={IMAGE}", scheme=scheme)
    expect(stage(page, "Softmax")).to_be_visible()
    relu, before = shipped.outputs["activation_1"], shipped.outputs["convolution_1"]
    row, column, channel = (int(at) for at in np.argwhere(relu == 0)[0])
    zero = pixel(page, "ReLU 1", channel, row, column)
    assert max(zero) < 60 if scheme == "dark" else min(zero) > 230
    for sign in ("positive", "negative"):
        at = before.argmax() if sign == "positive" else before.argmin()
        row, column, channel = (int(place) for place in np.unravel_index(at, before.shape))
        red, _, blue = pixel(page, "Convolution 1", channel, row, column)
        assert blue > red if sign == "positive" else red > blue
    row, column, channel = (
        int(at) for at in np.unravel_index(np.abs(before).argmax(), before.shape)
    )
    sign = "positive" if before[row, column, channel] > 0 else "negative"
    assert pixel(page, "Convolution 1", channel, row, column) == SIGNED[scheme][sign][-1]


def test_a_run_in_the_address_with_uneven_geometry(tab: Tab, uneven: Trained) -> None:
    page = tab(f"/Inspect?run=uneven&image={IMAGE}")
    for title, name in (
        ("Convolution 1", "convolution_1"),
        ("Tanh 1", "activation_1"),
        ("Max pooling 1", "pooling_1"),
        ("Convolution 2", "convolution_2"),
    ):
        check_maps(page, title, uneven, name)
    field = uneven.plan.layer("convolution_2").receptive_field
    assert field and field.end < 28  # some pixels no unit sees; the outline must end before them
    text = point(page, "Global average", 0, 0, 1)
    check_number(told_value(text), float(uneven.outputs["global_average"][1]))
