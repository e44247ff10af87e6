"""Accuracies that others have published for Fashion-MNIST, with the number of images and the source.

Every accuracy is from the table "Benchmark" in the README of Fashion-MNIST's authors, who say there
that they have not tested the submitted results themselves.
"""

from dataclasses import dataclass

from cnn.data.example import EXAMPLE_DATASET, FASHION_MNIST_CLASSES
from cnn.data.split import ChosenData

SOURCE = "https://github.com/zalandoresearch/fashion-mnist#benchmark"
"""The table the accuracies are from, read in the version of commit 02cf067."""

OFFICIAL_TRAIN, OFFICIAL_TEST = 60_000, 10_000
"""The images of the split that Fashion-MNIST's authors made for its benchmark."""

HUMAN = 0.835
"""The accuracy of people without expertise in fashion: the majority of 3 labels per image."""

HUMAN_IMAGES = 1_000
"""The test images, drawn at random, that those people were shown."""

_FASHION_MNIST = (EXAMPLE_DATASET, "fashion-mnist")


@dataclass(frozen=True)
class Published:
    """A submitted result: what it is, what was done to the images before, its test accuracy (0 to 1)."""

    name: str
    preparation: str
    accuracy: float


_NONE = "none"
_FLIPS_AND_CROPS = "standardized; random crops and flips"

PUBLISHED = (
    Published("2 convolutions, max pooling (Keras)", _NONE, 0.876),
    Published("GRU and support vector machine", _NONE, 0.888),
    Published("XGBoost (no network)", "standardized", 0.898),
    Published("Dense network 256-128-64", _NONE, 0.900),
    Published("3 convolutions, pooling, batch normalization", _NONE, 0.903),
    Published("2 convolutions, max pooling (TensorFlow), over 300 epochs", _NONE, 0.916),
    Published("2 convolutions, under 100,000 parameters", _NONE, 0.925),
    Published("Support vector machine (no network)", "histograms of gradients", 0.926),
    Published("2 convolutions, 3 dense layers, 1.8 million parameters", "normalized", 0.932),
    Published("VGG16, 26 million parameters", _NONE, 0.935),
    Published("ResNet18", "normalized; random flips, shifts and turns", 0.949),
    Published("DenseNet-BC, 768,000 parameters", _FLIPS_AND_CROPS, 0.954),
    Published("Wide ResNet 40-4, 8.9 million parameters", _FLIPS_AND_CROPS, 0.967),
)
"""Some of the rows, by accuracy."""


def why_not_comparable(data: ChosenData) -> str | None:
    """A sentence on why published results cannot be compared with these data; None where they can."""
    if data.dataset.identity not in _FASHION_MNIST:
        return (
            f"These results are for Fashion-MNIST. This run was trained on “{data.dataset.name}”, so they"
            " cannot be compared."
        )
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
