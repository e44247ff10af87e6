"""The images that come with the app: the 10,000 that Fashion-MNIST's authors keep for testing.

They come as two data sets: all of them, and the 9,000 that challenges are trained on. The other 1,000
are for the judge of the challenges alone: no page shows them, and no run can be trained on them
that is judged by them.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from cnn.arrays import Numbers, Pixels
from cnn.data.dataset import Dataset

EXAMPLE_DATASET = "fashion-mnist-10000"
CHALLENGE_DATASET = "fashion-mnist-challenge"
JUDGE_SEED = 2019
JUDGED_PER_CLASS = 100
"""How the judge's images are drawn: this many of each class, by this seed."""

EXAMPLE_FILE = Path(__file__).with_name("fashion_mnist_10000.npz")

FASHION_MNIST_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
FASHION_MNIST_CREDIT = "Fashion-MNIST, copyright (c) 2017 Zalando SE, https://tech.zalando.com, MIT license, https://github.com/zalandoresearch/fashion-mnist"


@cache
def example_dataset() -> Dataset:
    """The 10,000 official test images of Fashion-MNIST in their official order, 28 x 28 x 1.

    Read from disk once per process. They are the article's whole data set, to be split at will,
    so they have no official test images of their own.
    """
    with np.load(EXAMPLE_FILE, allow_pickle=False) as arrays:
        return Dataset(
            name="Fashion-MNIST, 10,000 images",
            identity=EXAMPLE_DATASET,
            images=arrays["images"][..., np.newaxis],
            labels=arrays["labels"].astype(np.int64),
            classes=FASHION_MNIST_CLASSES,
            credit=FASHION_MNIST_CREDIT,
        )


@cache
def challenge_dataset() -> Dataset:
    """The 9,000 images of `example_dataset` that are not the judge's, in the same order."""
    all_images, judges = example_dataset(), _judges_numbers()
    return Dataset(
        name="Fashion-MNIST, 9,000 images for challenges",
        identity=CHALLENGE_DATASET,
        images=np.delete(all_images.images, judges, axis=0),
        labels=np.delete(all_images.labels, judges),
        classes=FASHION_MNIST_CLASSES,
        credit=FASHION_MNIST_CREDIT,
    )


@cache
def judges_images() -> tuple[Pixels, Numbers]:
    """The judge's images, uint8 (1000, 28, 28, 1), and their labels, (1000,): 100 of each class."""
    all_images, judges = example_dataset(), _judges_numbers()
    images, labels = all_images.images[judges], all_images.labels[judges]
    for array in (images, labels):
        array.setflags(write=False)
    return images, labels


BUILT_IN: Mapping[str, Callable[[], Dataset]] = {
    EXAMPLE_DATASET: example_dataset,
    CHALLENGE_DATASET: challenge_dataset,
}
"""The data sets that are always there, by their identity."""


def _judges_numbers() -> Numbers:
    """Which of all images are the judge's, in ascending order; `training/script.md` has it, too."""
    random, labels = np.random.default_rng(JUDGE_SEED), example_dataset().labels
    each = (np.flatnonzero(labels == label) for label in range(len(FASHION_MNIST_CLASSES)))
    drawn = [random.permutation(numbers)[:JUDGED_PER_CLASS] for numbers in each]
    return np.sort(np.concatenate(drawn))
