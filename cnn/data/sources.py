"""Where data sets come from: one list, and one function that fetches any of them."""

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cnn.data.dataset import DataError, Dataset
from cnn.data.example import BUILT_IN, FASHION_MNIST_CLASSES, FASHION_MNIST_CREDIT
from cnn.data.idx import read_idx_folder

FOLDER_VARIABLE = "CNN_PLAYGROUND_IDX_FOLDER"
MNIST_CREDIT = "MNIST, copyright Yann LeCun and Corinna Cortes, CC BY-SA 3.0"


@dataclass(frozen=True)
class Source:
    """Where a data set can be had.

    `description` is one sentence for the person who chooses; a data set of kind "download" has the
    source's key as its identity, and comes over the network, so it is loaded on a worker.
    """

    key: str
    title: str
    description: str
    kind: Literal["built-in", "download", "folder"]


def sources(environment: Mapping[str, str]) -> tuple[Source, ...]:
    """The sources there are, those that come with the app first, given these environment variables."""
    text = Path(__file__).with_suffix(".csv").read_text("utf-8")
    rows: Any = csv.DictReader(text.splitlines())
    found = tuple(Source(**row) for row in rows)
    if folder := environment.get(FOLDER_VARIABLE):
        description = "The idx files in a folder on this server."
        found += (Source("folder", f"Folder {Path(folder).name}", description, "folder"),)
    return found


SOURCES = sources(os.environ)


def load(key: str) -> Dataset:
    """The data set of the source called `key`, from wherever it is.

    Runs on a worker if the source's kind is "download". Raises DataError when there is no such
    source, when a download fails, or when the files of the folder are missing or damaged.
    """
    if key in BUILT_IN:
        return BUILT_IN[key]()
    if key != "folder":
        return _download(key)
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        raise DataError(
            f"No folder of idx files is named; set the environment variable {FOLDER_VARIABLE}."
        )
    return read_idx_folder(Path(folder))


def _download(key: str) -> Dataset:
    """The data set "fashion-mnist" or "mnist" through Keras, which keeps what it has fetched.

    The 60,000 images to train on come first. It loads Keras and may take minutes.
    """
    if key not in ("fashion-mnist", "mnist"):
        raise DataError(f"There is no source of data called “{key}”; choose one from the list.")
    from keras import datasets

    fashion = key == "fashion-mnist"
    module = datasets.fashion_mnist if fashion else datasets.mnist
    try:
        (train_images, train_labels), (test_images, test_labels) = module.load_data()
    except Exception as error:
        # Keras raises a plain Exception when it cannot fetch a file, others when one is damaged.
        raise DataError(
            f"The data set “{key}” could not be downloaded; the machine seems to be offline."
            " The images that come with the app work without a network, and so does a folder of"
            f" idx files named by the environment variable {FOLDER_VARIABLE}."
        ) from error
    return Dataset(
        name="Fashion-MNIST, 70,000 images" if fashion else "MNIST, 70,000 images",
        identity=key,
        images=np.concatenate([train_images, test_images])[..., np.newaxis],
        labels=np.concatenate([train_labels, test_labels]).astype(np.int64),
        classes=FASHION_MNIST_CLASSES if fashion else tuple("0123456789"),
        credit=FASHION_MNIST_CREDIT if fashion else MNIST_CREDIT,
        official_test=len(test_images),
    )
