from pathlib import Path

import numpy as np

from cnn.data.make_example import make_shipped
from tests.data.idx_files import random_part, write_part


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    images, labels = random_part(9, seed=1)
    write_part(tmp_path, "t10k", images, labels)
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    make_shipped(tmp_path, first)
    make_shipped(tmp_path, second)
    assert first.read_bytes() == second.read_bytes()
    # A zip archive stores the time of each member; at the format's own zero it tells nothing.
    assert first.read_bytes()[10:14] == bytes.fromhex("00002100")
    with np.load(first, allow_pickle=False) as arrays:
        assert np.array_equal(arrays["images"], images)
        assert np.array_equal(arrays["labels"], labels)
