import numpy as np
import pytest

from cnn.data.dataset import content_identity
from tests.data.numbered import numbered


def test_arrays_cannot_be_written_to() -> None:
    dataset = numbered(6)
    with pytest.raises(ValueError, match="read-only"):
        dataset.images[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        dataset.labels[0] = 1


def test_the_identity_follows_every_part_of_the_content() -> None:
    images, labels = np.zeros((4, 4, 4, 1), np.uint8), np.array([0, 1, 0, 1])
    other = images.copy()
    other[3, 3, 3] = 1
    identities = [
        content_identity("csv", images, labels, ("a", "b")),
        content_identity("csv", other, labels, ("a", "b")),
        content_identity("csv", images.reshape(1, 8, 8, 1), labels, ("a", "b")),
        content_identity("csv", images, labels[::-1], ("a", "b")),
        content_identity("csv", images, labels, ("a", "c")),
    ]
    assert len(set(identities)) == len(identities)
    assert content_identity("csv", images.copy(), labels.copy(), ("a", "b")) == identities[0]
