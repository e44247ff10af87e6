"""The estimate of an epoch's seconds: what makes a network slower makes it longer."""

import pytest

from cnn.network.link import from_text
from cnn.network.plan import plan
from cnn.training.scheduling.limits import reference_seconds

BASE = "conv32x3-same-relu_conv32x3-same-relu_globalaverage_softmax"


def seconds(text: str, images: int = 8000, batch_size: int = 128) -> float:
    return reference_seconds(plan(from_text(text), (28, 28, 1), 10), images, batch_size)


@pytest.mark.parametrize(
    "slower",
    [
        BASE.replace("x3", "x11"),
        BASE.replace("conv32", "conv64"),
        BASE.replace("same-", "same-norm-"),
        BASE.replace("globalaverage", "flatten_dense512-relu"),
    ],
)
def test_more_work_takes_longer(slower: str) -> None:
    assert seconds(slower) > 1.3 * seconds(BASE)


def test_twice_the_images_take_twice_as_long() -> None:
    assert seconds(BASE, 16_000) == pytest.approx(2 * seconds(BASE, 8000), rel=0.01)


def test_small_batches_take_longer() -> None:
    assert seconds(BASE, batch_size=8) > seconds(BASE, batch_size=256)
