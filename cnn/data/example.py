"""The images that come with the app: the 10,000 that Fashion-MNIST's authors keep for testing."""

from functools import cache
from pathlib import Path

import numpy as np

from cnn.data.dataset import Dataset

EXAMPLE_DATASET = "fashion-mnist-10000"
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
