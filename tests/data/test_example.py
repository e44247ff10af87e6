import hashlib

import numpy as np

from cnn.data.example import shipped

# sha256 of the official t10k-images file without its 16 bytes of header, followed by the official
# t10k-labels file without its 8.
OFFICIAL_CONTENT = "9f1ec356a747bfe4ebab3cfb722d3694c9ca737e2570f6f90cf31d7b6fd689d4"


def test_it_is_the_official_test_set_in_its_official_order() -> None:
    dataset = shipped()
    assert dataset.labels[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    content = dataset.images.tobytes() + dataset.labels.astype(np.uint8).tobytes()
    assert hashlib.sha256(content).hexdigest() == OFFICIAL_CONTENT


def test_its_form_is_that_of_every_data_set() -> None:
    dataset = shipped()
    assert dataset.images.shape == (10_000, 28, 28, 1)
    assert dataset.images.dtype == np.uint8
    assert dataset.labels.dtype == np.int64
    assert np.bincount(dataset.labels).tolist() == [1000] * 10
    assert dataset.classes[9] == "Ankle boot" and len(dataset.classes) == 10
    assert dataset.official_test is None
    assert "Zalando" in dataset.credit and "MIT" in dataset.credit
    assert not dataset.images.flags.writeable and not dataset.labels.flags.writeable


def test_it_is_loaded_once() -> None:
    assert shipped() is shipped()
