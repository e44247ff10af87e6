"""Data sets kept on disk by identity, so that a run can be looked at after a restart."""

import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import RLock

import numpy as np

from cnn.data.dataset import DataError, Dataset
from cnn.data.example import EXAMPLE_DATASET, example_dataset
from cnn.storage import atomic_write, decode, encode, is_safe_id, remove_leftovers

IN_MEMORY = 4
"""Data sets that are not read again each time."""


class DatasetStore:
    """Data sets in a folder, one file each; at most `most` of them and `most_bytes` in all.

    Those not asked for longest go first; the one just added stays whatever its size. The example
    data set is always there and takes no place. Threads may share a store.
    """

    def __init__(self, folder: Path, most: int = 50, most_bytes: int = 2 * 1024**3) -> None:
        self._folder = folder
        self._most = most
        self._most_bytes = most_bytes
        self._read = lru_cache(IN_MEMORY)(_read)
        self._lock = RLock()
        folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(folder)

    def add(self, dataset: Dataset) -> None:
        """Keep a data set; one that is already there counts as just asked for.

        Raises DataError when the identity is not a safe ID, or when it cannot be written.
        """
        if dataset.identity == EXAMPLE_DATASET:
            return
        path = self._path(dataset.identity)
        with self._lock:
            if path.exists():
                path.touch()
            else:
                try:
                    _write(path, dataset)
                except OSError as error:
                    raise DataError(
                        f"The data set could not be kept on this server ({error.strerror}). Try again later."
                    ) from error
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
            path.touch()
            return self._read(path)

    def _path(self, identity: str) -> Path:
        if not is_safe_id(identity):
            raise _unknown(identity)
        return self._folder / f"{identity}.npz"

    def _clear(self, keep: Path) -> None:
        found = [(path, path.stat()) for path in self._folder.glob("*.npz") if path != keep]
        found.sort(key=lambda entry: entry[1].st_mtime_ns, reverse=True)
        count, size = 1, keep.stat().st_size
        for path, status in found:
            count, size = count + 1, size + status.st_size
            if count > self._most or size > self._most_bytes:
                path.unlink(missing_ok=True)


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
        # Opened here: NumPy leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            about = decode(_About, str(arrays["about"]))
            return Dataset(images=arrays["images"], labels=arrays["labels"], **vars(about))
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        path.unlink(missing_ok=True)
        raise DataError(
            f"The file of the data set “{path.stem}” was damaged and has been removed; upload or download the data set again."
        ) from error


def _unknown(identity: str) -> DataError:
    return DataError(
        f"This server does not keep a data set “{identity[:64]}”, or no longer does; upload or download it again."
    )
