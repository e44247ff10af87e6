"""The sentence that holds a climb against the test images: nothing is said that is not so."""

import numpy as np
import pytest

from cnn.inspection.features.maximization import Ascent, End
from cnn.inspection.features.preference import preference
from cnn.inspection.units import Unit
from cnn.network.plan import plan
from cnn.network.spec import ConvolutionBlock, Network
from cnn.ui.inspect.preferences import compared
from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA
from tests.strategies import random_weights

PLAN = plan(Network((ConvolutionBlock(2, 3),)), (28, 28, 1), 10)


def sentence(layer: str, reached: float, end: End) -> str | None:
    """What is said of a climb from `reached` - 1 to `reached`."""
    data = services.chosen(DEFAULT_DATA)
    some = data.test[:20]
    images, labels = data.dataset.images[some], data.labels[some]
    found = preference(PLAN, random_weights(PLAN, 3), layer, images, labels)
    start = np.zeros(PLAN.image_shape, np.float32)
    values = np.array([reached - 1, reached], np.float32)
    climbed = Unit(layer, 1) if layer == "logits" else Unit(layer, 1, 13, 13)
    return compared(Ascent(start, start, values, 1, end), found, climbed, data)


@pytest.mark.parametrize("layer", ["convolution_1", "logits"])
def test_only_a_map_has_a_strongest_cell(layer: str) -> None:
    told = sentence(layer, 1e6, "steps")
    assert told and told.endswith("This input reaches 1000000.")
    assert ("in the strongest cell of the map" in told) == (layer == "convolution_1")


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("steps", "The steps ran out before"),
        ("corner", "stopped on a lower hill"),
        ("flat", "stopped on a lower hill"),
        ("broken", "The numbers broke off before"),
    ],
)
def test_a_climb_that_stays_below_says_why(end: End, why: str) -> None:
    told = sentence("logits", -1e6, end)
    assert told and "reaches only −1000000." in told
    assert why in told and told.endswith("From another start it may get higher.")


def test_what_is_no_number_is_not_compared() -> None:
    assert sentence("logits", np.inf, "broken") is None
