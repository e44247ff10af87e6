"""The pictures of kernels: their colors, their places, and what pointing at them does."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, expect

from cnn.inspection.units import Unit
from cnn.network.plan import Plan, plan
from cnn.network.spec import ConvolutionBlock, Network
from cnn.ui.common.theme import SCHEMES, SIGNED, Scheme, page_variables
from cnn.ui.components.network_message import Picture, message
from tests.e2e.component import Harness
from tests.e2e.pixels import colors
from tests.strategies import random_images, random_weights

COLORED = plan(Network((ConvolutionBlock(4, 3, padding="same", pooling=None),)), (9, 9, 3), 3)
MANY = plan(Network((ConvolutionBlock(128, 3),)), (12, 12, 3), 3)


@dataclass(frozen=True)
class Box:
    """Where an element lies on the page, in pixels."""

    x: float
    y: float
    width: float
    height: float


def box(locator: Locator) -> Box:
    found = locator.bounding_box()
    assert found
    return Box(**found)


def picture(network_plan: Plan, selected: Unit | None = None, padded: bool = False) -> Picture:
    classes = tuple(f"class {at}" for at in range(network_plan.classes))
    weights, images = random_weights(network_plan, 3), random_images(network_plan, 3)
    return Picture(network_plan, weights, images[0], classes, selected=selected, padded=padded)


def show(half: Harness, shown: Picture) -> None:
    half.page.emulate_media(reduced_motion="reduce")  # nothing is measured while it opens
    half.open()
    half.show(message(shown)[0])


def kernels(half: Harness) -> Locator:
    return half.page.locator(".stage.kernels .tiles img")


def outlined(half: Harness, stage: str) -> list[Box]:
    """The outlines on a stage that can be seen."""
    return [
        box(found)
        for found in half.page.locator(f".stage.{stage} .receptive-field-box").all()
        if found.is_visible()
    ]


def signed_colors(values: NDArray[np.float32], scheme: Scheme) -> NDArray[np.float64]:
    """The colors of numbers on a scale whose limit is the largest in size: (..., 3)."""
    share = np.abs(values) / np.abs(values).max()
    sides = []
    for name in ("negative", "positive"):
        stops = np.array(SIGNED[scheme][name], float)
        at = np.linspace(0, 1, len(stops))
        sides.append(np.stack([np.interp(share, at, stops[:, part]) for part in range(3)], -1))
    return np.where(values[..., None] < 0, *sides)


def test_each_kernel_has_its_weights_colors_and_those_of_another_theme(
    browser_half: Harness,
) -> None:
    shown = picture(COLORED)
    known = message(shown)[1]
    weights = COLORED.split(shown.weights)["convolution_1/kernel"]
    show(browser_half, shown)
    for scheme in SCHEMES:
        style = f":root{{{page_variables(scheme)}}}"
        browser_half.page.add_style_tag(content=style)
        browser_half.show(message(shown, known)[0])
        pictures = kernels(browser_half)
        expect(pictures).to_have_count(4 * 3)
        expected = signed_colors(weights, scheme)
        for at, (filter, channel) in enumerate(np.ndindex(4, 3)):
            own = colors(pictures.nth(at))[..., :3].astype(float)
            np.testing.assert_allclose(own, expected[:, :, channel, filter], atol=3)


def test_pointing_at_a_kernel_outlines_the_row_of_its_filter(browser_half: Harness) -> None:
    show(browser_half, picture(COLORED))
    pictures = kernels(browser_half)
    pictures.nth(2 * 3 + 1).hover()
    assert outlined(browser_half, "kernels") == [box(pictures.nth(2 * 3 + at)) for at in range(3)]
    expect(browser_half.page.locator(".readout")).to_have_text("Convolution 1, filter 3")


@pytest.mark.parametrize(("filter", "row"), [(0, 0), (63, 2), (126, 2), (127, 0), (127, 2)])
def test_a_filter_is_chosen_in_the_picture_that_all_kernels_share(
    browser_half: Harness, filter: int, row: int
) -> None:
    show(browser_half, picture(MANY))
    shared = kernels(browser_half)
    expect(shared).to_have_count(1)
    pixel = box(shared).height / (128 * 4 - 1)
    shared.click(position={"x": 3, "y": (4 * filter + row + 0.5) * pixel})
    title = browser_half.page.locator(".receipt h2").first
    expect(title).to_have_text(f"Convolution 1, filter {filter + 1}")


def test_the_outline_of_the_first_cell_extends_into_the_padding(browser_half: Harness) -> None:
    show(browser_half, picture(COLORED, Unit("convolution_1", 0, 0, 8), padded=True))
    image = box(browser_half.page.locator(".stage.input .tiles img"))
    cell = image.width / 9
    [outline] = outlined(browser_half, "input")
    expected = [image.x + 7 * cell, image.y - cell, 3 * cell, 3 * cell]
    assert [outline.x, outline.y, outline.width, outline.height] == pytest.approx(expected, abs=1)
