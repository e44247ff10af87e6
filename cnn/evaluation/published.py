"""Accuracies that others have published for Fashion-MNIST, with the number of images and the source.

Every accuracy is from the table "Benchmark" in the README of Fashion-MNIST's authors, who say there
that they have not tested the submitted results themselves.
"""

from pathlib import Path

import pandas as pd

from cnn.data.example import BUILT_IN, FASHION_MNIST_CLASSES
from cnn.data.split import ChosenData

SOURCE = "https://github.com/zalandoresearch/fashion-mnist#benchmark"
"""The table the accuracies are from, read in the version of commit 02cf067."""

OFFICIAL_TRAIN, OFFICIAL_TEST = 60_000, 10_000
"""The images of the split that Fashion-MNIST's authors made for its benchmark."""

HUMAN = 0.835
"""The accuracy of people without expertise in fashion: the majority of 3 labels per image."""

HUMAN_IMAGES = 1_000
"""The test images, drawn at random, that those people were shown."""

_FASHION_MNIST = (*BUILT_IN, "fashion-mnist")


PUBLISHED = pd.read_csv(Path(__file__).with_suffix(".csv"), keep_default_na=False)
"""Submitted results: "name", "preparation" of the images, "accuracy" (0 to 1), by which they are sorted."""


def why_not_comparable(data: ChosenData) -> str | None:
    """A sentence on why published results cannot be compared with these data; None where they can."""
    if data.dataset.identity not in _FASHION_MNIST:
        return f"These results are for Fashion-MNIST. This run was trained on “{data.dataset.name}”, so they cannot be compared."
    missing = len(FASHION_MNIST_CLASSES) - len(data.classes)
    if missing:
        kinds = "class" if missing == 1 else "classes"
        return (
            f"These results are for all {len(FASHION_MNIST_CLASSES)} classes of Fashion-MNIST. This run"
            f" leaves {missing} {kinds} out, which makes its task easier."
        )
    return None


def official_split(data: ChosenData) -> bool:
    """Whether the run was trained and tested on the images that the benchmark's authors chose."""
    return data.choice.train_share is None
