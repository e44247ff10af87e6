"""Data sets kept on disk by identity, so that a run can be looked at after a restart."""

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import RLock

import numpy as np

from cnn.data.dataset import DataError, Dataset
from cnn.data.example import EXAMPLE_DATASET, example_dataset
from cnn.server_limits import LIMITS
from cnn.storage import (
    RecordError,
    atomic_write,
    decode,
    encode,
    is_safe_id,
    last_write,
    remove,
    remove_leftovers,
    verified,
)

IN_MEMORY = 4
"""Data sets that are not read again each time."""


class DatasetStore:
    """Data sets in a folder, one file each; at most `most` of them and `most_bytes` in all.

    Those not asked for longest go first; the one just added stays whatever its size. The example
    data set is always there and takes no place. Only `add` writes. Threads may share a store.
    """

    def __init__(
        self,
        folder: Path,
        most: int = LIMITS.datasets,
        most_bytes: float = 1e9 * LIMITS.data_gigabytes,
    ) -> None:
        self._folder = folder
        self._most = most
        self._most_bytes = most_bytes
        self._read = lru_cache(IN_MEMORY)(_read)
        self._asked: dict[Path, float] = {}
        self._lock = RLock()
        remove_leftovers(folder)

    def add(self, dataset: Dataset) -> None:
        """Keep a data set; one that is already there counts as just asked for.

        Raises DataError when the identity is not a safe ID, or when it cannot be written.
        """
        if dataset.identity == EXAMPLE_DATASET:
            return
        path = self._path(dataset.identity)
        with self._lock:
            try:
                self.get(dataset.identity)
            except DataError:
                try:
                    _write(path, dataset)
                except OSError as error:
                    raise DataError(
                        f"The data set could not be kept on this server ({error.strerror}). Try again later."
                    ) from error
            self._asked[path] = time.time()
            self._clear(keep=path)

    def get(self, identity: str) -> Dataset:
        """The data set of this identity, from memory or from disk.

        Raises DataError when it is unknown, was cleared, or its file is damaged.
        """
        if identity == EXAMPLE_DATASET:
            return example_dataset()
        path = self._path(identity)
        with self._lock:
            if not path.exists():
                raise _unknown(identity)
            dataset = self._read(path)
            self._asked[path] = time.time()
            return dataset

    def _path(self, identity: str) -> Path:
        if not is_safe_id(identity):
            raise _unknown(identity)
        return self._folder / f"{identity}.npz"

    def _clear(self, keep: Path) -> None:
        paths = sorted(self._folder.glob("*.npz"), key=self._last_asked, reverse=True)
        count, size = 1, keep.stat().st_size
        for path in paths:
            if path != keep and path.is_file():
                count, size = count + 1, size + path.stat().st_size
                if count > self._most or size > self._most_bytes:
                    remove(path)

    def _last_asked(self, path: Path) -> float:
        return max(last_write(path), self._asked.get(path, 0.0))


@dataclass(frozen=True)
class _About:
    """What a file holds about its data set besides the arrays."""

    name: str
    identity: str
    classes: tuple[str, ...]
    credit: str
    official_test: int | None = None


def _write(path: Path, dataset: Dataset) -> None:
    about = _About(
        dataset.name, dataset.identity, dataset.classes, dataset.credit, dataset.official_test
    )
    with atomic_write(path) as file:
        np.savez(file, images=dataset.images, labels=dataset.labels, about=np.array(encode(about)))


def _read(path: Path) -> Dataset:
    try:
        with verified(path) as (file, _), np.load(file, allow_pickle=False) as arrays:
            about = decode(_About, str(arrays["about"]))
            dataset = Dataset(images=arrays["images"], labels=arrays["labels"], **vars(about))
        _check(dataset, path.stem)
        return dataset
    except Exception as error:  # zipfile and NumPy meet damaged files with almost any exception
        raise DataError(
            f"The file of the data set “{path.stem}” is damaged; upload or download the data set again."
        ) from error


def _check(dataset: Dataset, identity: str) -> None:
    """Raise RecordError for what no reader of ours makes: a file of the first edition has no checksum."""
    images, labels = dataset.images, dataset.labels
    if (
        dataset.identity != identity
        or images.dtype != np.uint8
        or images.ndim != 4
        or labels.dtype != np.int64
        or labels.shape != (len(images),)
        or not ((labels >= 0) & (labels < len(dataset.classes))).all()
    ):
        raise RecordError("its arrays are not those of a data set")


def _unknown(identity: str) -> DataError:
    return DataError(
        f"This server does not keep a data set “{identity[:64]}”, or no longer does; upload or download it again."
    )
