"""The browser's half of the map and of the pairs of kernels."""

import numpy as np
import pytest
from playwright.sync_api import Browser

from cnn.ui.common.theme import SIGNED
from cnn.ui.components import kernel_pairs, scatter_map
from cnn.ui.components.kernel_pairs import Pair
from cnn.ui.components.scatter_map import Points
from tests.e2e.component import Harness


def test_a_line_around_points_chooses_them_and_keys_reach_every_point(
    chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(scatter_map, "_component", lambda key, data, **_: sent.append(data))
    # A grid of 5 x 3 points; the first row has the largest second coordinate: it is on top.
    places = np.array([(x, -y) for y in range(3) for x in range(5)], np.float64)
    truth = np.arange(15) % 2
    predicted = np.where(np.arange(15) == 7, 1 - truth, truth)
    images = np.arange(15, dtype=np.uint8).repeat(4 * 4 * 3).reshape(15, 4, 4, 3) * 10
    points = Points(np.arange(100, 115), truth, predicted, images, ("Even", "Odd"))
    scatter_map.scatter_map(places, points, (), "15 points", lambda _: None, "map")
    harness = Harness(chromium, "scatter_map")
    try:
        harness.show(sent[0])
        page = harness.page
        box = page.locator(".plot").bounding_box()
        assert box is not None
        x, y, width, height = box["x"], box["y"], box["width"], box["height"]
        step = min((width - 40) / 4, (height - 40) / 2)

        def at(column: float, row: float) -> tuple[float, float]:
            return x + width / 2 + (column - 2) * step, y + height / 2 + (row - 1) * step

        page.mouse.move(*at(2, 1))
        status = page.locator(".visually-hidden")
        assert status.text_content() == "Image 107, Odd, predicted: Even"
        page.mouse.move(*at(0.5, -0.05))
        page.mouse.down()
        for corner in ((2.5, -0.05), (2.5, 1.5), (0.5, 1.5)):
            page.mouse.move(*at(*corner))
        page.mouse.up()
        assert harness.sent == [("chosen", [1, 2, 6, 7])]
        page.mouse.move(*at(3, 2))
        page.locator(".plot").focus()
        for key in ("ArrowRight", "ArrowUp", "Enter"):
            page.keyboard.press(key)
        assert status.text_content() == "Image 109, Odd, predicted correctly"
        assert harness.sent[-1] == ("chosen", [9])
        assert not harness.faults
    finally:
        harness.close()


def test_pairs_of_kernels_have_their_numbers_colors(
    chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(kernel_pairs, "_component", lambda key, data, **_: sent.append(data))
    kernel = np.zeros((2, 2, 3, 4), np.float32)
    kernel[0, 1, 2, 3] = 2  # row 1, column 2 of the third channel of filter 4
    kernel[1, 0, 0, 1] = -2
    kernel_pairs.kernel_pairs(kernel, [Pair(1, 3, "cosine 0.960")], "pairs")
    harness = Harness(chromium, "kernel_pairs")
    try:
        harness.show(sent[0])
        pixel = """([picture, row, column]) => [...document.querySelectorAll("figure canvas")[picture]
            .getContext("2d").getImageData(column, row, 1, 1).data]"""
        # Channels stand side by side with an empty cell between them: 2 + 1 + 2 + 1 + 2.
        assert harness.call(pixel, [1, 0, 7]) == [*SIGNED["light"]["positive"][-1], 255]
        assert harness.call(pixel, [0, 1, 0]) == [*SIGNED["light"]["negative"][-1], 255]
        assert harness.call(pixel, [0, 0, 0]) == [*SIGNED["light"]["positive"][0], 255]
        assert harness.call(pixel, [0, 0, 2]) == [0, 0, 0, 0]
        assert "cosine 0.960" in harness.page.inner_text(".pair")
    finally:
        harness.close()
