"""Small idx files for tests, written byte by byte as the format's description says."""

import gzip
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def idx(array: NDArray[np.uint8]) -> bytes:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.tobytes()


def write_part(
    folder: Path, part: str, images: NDArray[np.uint8], labels: NDArray[np.uint8], joint: str = "-"
) -> None:
    """The two files of one part, images plain and labels compressed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{part}-images{joint}idx3-ubyte").write_bytes(idx(images))
    (folder / f"{part}-labels{joint}idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))


def random_part(
    count: int, seed: int, size: tuple[int, int] = (5, 5)
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (count, *size), dtype=np.uint8)
    return images, np.arange(count, dtype=np.uint8) % 3
