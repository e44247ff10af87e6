"""The idx files in which MNIST and its relatives are published, plain or gzip-compressed.

An idx file is four bytes (0, 0, the type of a number, the number of dimensions), one big-endian
32-bit size per dimension, and the numbers themselves. Only type 8, unsigned bytes, occurs here.
"""

import gzip
import math
import zlib
from itertools import product
from pathlib import Path

import numpy as np

from cnn.arrays import Pixels
from cnn.data.dataset import LARGEST_SIDE, SMALLEST_SIDE, DataError, Dataset, content_identity
from cnn.data.example import FASHION_MNIST_CLASSES

GZIP_START = b"\x1f\x8b"
UNSIGNED_BYTES = 8


def read_idx(path: Path, dimensions: int) -> Pixels:
    """The numbers of one idx file, uint8, with `dimensions` axes: 3 for images, 1 for labels.

    Raises DataError when the file cannot be read, is of another kind, or does not hold as many
    numbers as it announces.
    """
    content = _content(path)
    start = bytes((0, 0, UNSIGNED_BYTES, dimensions))
    if content[:4] != start:
        raise DataError(
            f"The file {path.name} is not an idx file of {dimensions}-dimensional bytes: it starts"
            f" with the bytes {content[:4].hex(' ') or '(none)'} instead of {start.hex(' ')}."
        )
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise DataError(f"The file {path.name} ends within its header; fetch it again.")
    shape = np.frombuffer(content, dtype=">u4", count=dimensions, offset=4).tolist()
    if len(content) - header != math.prod(shape):
        raise DataError(
            f"The file {path.name} announces {math.prod(shape):,} numbers but holds"
            f" {len(content) - header:,}; it is damaged or incomplete, fetch it again."
        )
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def read_images_and_labels(folder: Path, part: str) -> tuple[Pixels, Pixels]:
    """Images (n, height, width) and labels (n,) of one part of a data set, "train" or "t10k".

    Raises DataError when a file is missing or unreadable, or when the two do not match.
    """
    images_file = _find(folder, f"{part}-images", "idx3-ubyte")
    labels_file = _find(folder, f"{part}-labels", "idx1-ubyte")
    images, labels = read_idx(images_file, 3), read_idx(labels_file, 1)
    if len(images) != len(labels):
        raise DataError(
            f"The file {images_file.name} holds {len(images):,} images but {labels_file.name} holds"
            f" {len(labels):,} labels; they do not belong together."
        )
    return images, labels


def read_idx_folder(folder: Path) -> Dataset:
    """The data set of the four official files in `folder`: train images first, then test images.

    The files are train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
    t10k-labels-idx1-ubyte; each may end in .gz and may have a dot before "idx". Classes are named
    by their labels ("0", "1", ...), or by Fashion-MNIST's names if the folder's own name contains
    "fashion". Labels that no image has get no class.

    Raises DataError when a file is missing, damaged or at odds with the others, or when the images
    are not square, 4 to 64 pixels a side, of at least two classes.
    """
    train_images, train_labels = read_images_and_labels(folder, "train")
    test_images, test_labels = read_images_and_labels(folder, "t10k")
    if train_images.shape[1:] != test_images.shape[1:]:
        raise DataError(
            f"The train images are {_size(train_images)} but the test images are {_size(test_images)}; they do not belong together."
        )
    _, height, width = train_images.shape
    if height != width or not SMALLEST_SIDE <= height <= LARGEST_SIDE:
        raise DataError(
            f"The images in the folder {folder.name} are {_size(train_images)}; they must be square, {SMALLEST_SIDE} to {LARGEST_SIDE} pixels a side."
        )
    values, labels = np.unique(np.concatenate([train_labels, test_labels]), return_inverse=True)
    if len(values) < 2:
        raise DataError(
            f"The images in the folder {folder.name} have {len(values)} different labels; a network needs at least 2 classes to tell apart."
        )
    fashion = "fashion" in folder.name.lower() and values[-1] < len(FASHION_MNIST_CLASSES)
    classes = tuple(FASHION_MNIST_CLASSES[v] if fashion else str(v) for v in values.tolist())
    images = np.concatenate([train_images, test_images])[..., np.newaxis]
    return Dataset(
        name=folder.name,
        identity=content_identity("idx", images, labels, classes),
        images=images,
        labels=labels.astype(np.int64),
        classes=classes,
        credit=f"Read from the idx files in the folder {folder.name}.",
        official_test=len(test_images),
    )


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(GZIP_START) else content
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"The file {path.name} cannot be read ({error}); check it or fetch it again."
        ) from error


def _find(folder: Path, stem: str, kind: str) -> Path:
    for joint, ending in product("-.", ("", ".gz")):
        path = folder / f"{stem}{joint}{kind}{ending}"
        if path.is_file():
            return path
    raise DataError(
        f"The folder {folder.name} has no file {stem}-{kind} or {stem}-{kind}.gz; put the four official files there."
    )


def _size(images: Pixels) -> str:
    return f"{images.shape[1]} x {images.shape[2]} pixels"
