"""Published results: for which runs they say something."""

import numpy as np
import pytest

from cnn.data.dataset import Dataset
from cnn.data.example import CHALLENGE_DATASET, EXAMPLE_DATASET, FASHION_MNIST_CLASSES
from cnn.data.split import DataChoice, choose
from cnn.evaluation.published import (
    HUMAN,
    OFFICIAL_TEST,
    OFFICIAL_TRAIN,
    PUBLISHED,
    official_split,
    why_not_comparable,
)


def chosen(identity: str, classes: tuple[int, ...] | None = None, share: float | None = 0.8):
    """A choice of images of a data set with the classes of Fashion-MNIST."""
    labels = np.random.default_rng(1).integers(0, 10, 400)
    images = np.zeros((400, 4, 4, 1), np.uint8)
    dataset = Dataset("Mine", identity, images, labels, FASHION_MNIST_CLASSES, "", 80)
    return choose(dataset, DataChoice(identity, classes, share))


@pytest.mark.parametrize("identity", [EXAMPLE_DATASET, CHALLENGE_DATASET, "fashion-mnist"])
def test_all_classes_of_fashion_mnist_are_comparable(identity: str) -> None:
    assert why_not_comparable(chosen(identity)) is None


def test_other_images_and_fewer_classes_are_not() -> None:
    assert "Mine" in str(why_not_comparable(chosen("csv-1")))
    assert " 1 class " in str(why_not_comparable(chosen(EXAMPLE_DATASET, tuple(range(9)))))
    assert " 8 classes " in str(why_not_comparable(chosen(EXAMPLE_DATASET, (0, 6))))


def test_only_the_authors_own_split_is_official() -> None:
    assert official_split(chosen("fashion-mnist", share=None))
    assert not official_split(chosen("fashion-mnist"))


def test_the_published_rows_go_from_simple_to_accurate() -> None:
    accuracies = PUBLISHED["accuracy"].tolist()
    assert accuracies == sorted(accuracies)
    assert HUMAN < accuracies[0] < accuracies[-1] < 1
    assert OFFICIAL_TRAIN + OFFICIAL_TEST == 70_000
