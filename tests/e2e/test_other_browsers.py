"""Inspect in Firefox: point, click, slide, play and draw."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from cnn.arrays import Array, Pixels
from cnn.inspection.forward import forward
from cnn.ui.common import formatting
from cnn.ui.state import services
from tests.e2e.browsers import Window, firefox, wait_for
from tests.e2e.reading import check_number, read_number
from tests.e2e.server import Server

IMAGE = 31
NAME, UNIT = "Convolution 2, map 2, row 1, column 1", ("convolution_2", (0, 0, 1))
MAPS_BEFORE = 4 + 1
"""Maps with a number that the overview shows before that map."""

DRAWN = """() => {
  const search = (root) => root.querySelector(".drawing-pad canvas")
    ?? [...root.querySelectorAll("*")].map((node) => node.shadowRoot && search(node.shadowRoot)).find(Boolean);
  const canvas = search(document);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [...data].filter((_, at) => at % 4 === 0);
}"""
"""The brightness of every cell on the drawing pad."""


@pytest.fixture(params=[firefox])
def window(request: pytest.FixtureRequest) -> Iterator[Window]:
    with request.param() as opened:
        yield opened


def outputs(epoch: int, pixels: Pixels) -> dict[str, Array]:
    """What the example run's network gave for an image after an epoch, by the layer's name."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    weights = services.weights(run.id, epoch)
    batch = forward(services.run_plan(run), weights, pixels[None])
    return {name: values[0] for name, values in batch.items()}


def shown(window: Window) -> tuple[int, float]:
    """The epoch under the handle and the number in the receipt, as both are at one moment."""
    text = window.find(".network-view").text
    found = re.search(f"Epoch (\\d+).*{NAME} = (\\S+)", text, re.DOTALL)  # the last: the receipt's
    assert found, text
    return int(found[1]), read_number(found[2])


def test_inspect(window: Window, server: Server) -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    image = data.dataset.images[IMAGE]
    layer, place = UNIT
    values = [float(outputs(epoch, image)[layer][place]) for epoch in range(run.last_epoch + 1)]
    window.open(f"{server.url}/Inspect?image={IMAGE}")

    def hovered() -> str | None:
        number = window.find(".glance .map-number", at=MAPS_BEFORE)
        window.move(number.x + number.width + 5, number.y + 5)
        tip = window.look_for(".glance .tip", NAME)
        return tip.text if tip else None

    value = re.match(f"{NAME}: (\\S+)", wait_for(hovered))
    assert value
    check_number(value[1], values[-1])

    number = window.find(".glance .map-number", at=MAPS_BEFORE)
    window.drag((number.x + number.width + 5, number.y + 5))
    window.find(".receipt h2", NAME)
    assert shown(window) == (run.last_epoch, pytest.approx(values[-1], rel=1e-5))

    slider = window.find(".timeline input")
    middle = slider.y + slider.height / 2
    window.drag((slider.x + slider.width - 8, middle), (slider.x + 8, middle))
    first = pytest.approx(values[0], rel=1e-5)
    wait_for(lambda: shown(window) == (0, first) or None)

    def played() -> int | None:
        epoch, number = shown(window)
        assert number == pytest.approx(values[epoch], rel=1e-5), epoch
        return epoch if epoch >= 3 else None

    play = window.find(".timeline button", "Play")
    window.click(play)
    wait_for(played)
    window.click(play)
    paused, _ = shown(window)

    window.click(window.find("[role=radio]", "Draw"))
    window.find("p", "Your drawing through the network")
    window.find("[data-test-script-state=notRunning]")
    window.click(window.find(".drawing-pad button", "1"))
    pad = window.find(".drawing-pad canvas")
    cell = pad.width / 28
    corners = ((5, 5), (5, 20), (15, 20))
    window.drag(*((pad.x + (x + 0.5) * cell, pad.y + (y + 0.5) * cell) for y, x in corners))
    expected = np.zeros((28, 28, 1), np.uint8)
    expected[5, 5:21] = expected[5:16, 20] = 255
    np.testing.assert_array_equal(window.evaluate(DRAWN, None), expected.ravel())
    probabilities = outputs(paused, expected)["softmax"]
    predicted = data.classes[probabilities.argmax()]
    share = formatting.percent(float(probabilities.max()), 0)
    window.find("h2", f"Prediction: {predicted}, {share}.")
    window.find("p", f"Your drawing through the network as it was after epoch {paused}")
