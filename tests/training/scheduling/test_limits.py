"""What one training may ask of a worker."""

from dataclasses import replace

import numpy as np
import pytest

from cnn.data.dataset import Dataset
from cnn.data.split import ChosenData, DataChoice, choose
from cnn.network.link import from_text
from cnn.network.plan import plan
from cnn.training.run import RunError
from cnn.training.scheduling import limits
from tests.training.examples import chosen, job, settings


def _of_size(side: int) -> ChosenData:
    images = np.zeros((200, side, side, 1), np.uint8)
    dataset = Dataset("Black", "black", images, np.arange(200) % 10, tuple("0123456789"), "")
    return choose(dataset, DataChoice("black", train_share=0.5, seed=1))


def test_what_a_worker_cannot_hold_is_refused_before_it_begins() -> None:
    blocks = "_".join(["conv128x1-same-norm-relu"] * 5)
    network = from_text(f"{blocks}_globalaverage_softmax")
    large = replace(job(), network=network, settings=replace(settings(), batch_size=1024))
    images = _of_size(28)
    with pytest.raises(RunError, match=r"[5-9]\.\d GB .* 4\.5 GB.* smaller than 1024"):
        limits.check_memory(replace(large, data=images.choice), images, 4.5e9)
    limits.check_memory(replace(large, data=images.choice), images, 10e9)
    limits.check_memory(job(), chosen(), 1e9)


def test_memory_grows_with_the_batch_the_filters_and_the_images() -> None:
    small = plan(from_text("conv8x3-relu_flatten_softmax"), (28, 28, 1), 10)
    wide = plan(from_text("conv16x3-relu_flatten_softmax"), (28, 28, 1), 10)
    needed = limits.training_bytes(small, 1000, 512)
    assert needed < limits.training_bytes(small, 1000, 1024)
    assert needed < limits.training_bytes(wide, 1000, 512)
    assert needed < limits.training_bytes(small, 100_000, 512)
