import hashlib

import numpy as np

from cnn.data.example import challenge_dataset, example_dataset, judges_images

# sha256 of the official t10k-images file without its 16 bytes of header, followed by the official
# t10k-labels file without its 8.
OFFICIAL_CONTENT = "9f1ec356a747bfe4ebab3cfb722d3694c9ca737e2570f6f90cf31d7b6fd689d4"

# sha256 of the judge's images followed by their labels, a byte each.
JUDGED_CONTENT = "4eef30f9d1fae4e0319b3e7d27b921a1836795ec7ada38b3e10803120886c74f"


def test_it_is_the_official_test_set_in_its_official_order() -> None:
    dataset = example_dataset()
    assert dataset.labels[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    content = dataset.images.tobytes() + dataset.labels.astype(np.uint8).tobytes()
    assert hashlib.sha256(content).hexdigest() == OFFICIAL_CONTENT


def test_its_form_is_that_of_every_data_set() -> None:
    dataset = example_dataset()
    assert dataset.images.shape == (10_000, 28, 28, 1)
    assert dataset.images.dtype == np.uint8
    assert dataset.labels.dtype == np.int64
    assert np.bincount(dataset.labels).tolist() == [1000] * 10
    assert dataset.classes[9] == "Ankle boot" and len(dataset.classes) == 10
    assert dataset.official_test is None
    assert "Zalando" in dataset.credit and "MIT" in dataset.credit
    assert not dataset.images.flags.writeable and not dataset.labels.flags.writeable


def test_it_is_loaded_once() -> None:
    assert example_dataset() is example_dataset()


def test_the_judges_images_and_those_for_challenges_are_all_images_each_once() -> None:
    dataset, (images, labels) = challenge_dataset(), judges_images()
    assert np.bincount(dataset.labels).tolist() == [900] * 10
    assert np.bincount(labels).tolist() == [100] * 10
    everything = [(image.tobytes(), label) for image, label in zip(images, labels, strict=True)]
    everything += zip((image.tobytes() for image in dataset.images), dataset.labels, strict=True)
    whole = example_dataset()
    expected = zip((image.tobytes() for image in whole.images), whole.labels, strict=True)
    assert sorted(everything) == sorted(expected)


def test_the_judges_images_never_change() -> None:
    """A verdict of one version of the app is worth the same in the next."""
    images, labels = judges_images()
    content = images.tobytes() + labels.astype(np.uint8).tobytes()
    assert hashlib.sha256(content).hexdigest() == JUDGED_CONTENT
    assert not images.flags.writeable and not labels.flags.writeable
    assert challenge_dataset() is challenge_dataset()
