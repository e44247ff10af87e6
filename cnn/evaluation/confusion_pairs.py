"""Evidence on why one class is taken for another: the images concerned and what they have in common."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnn.evaluation.metrics import Floats, Numbers, Shares


@dataclass(frozen=True, eq=False)
class Confused:
    """The images of one class answered with another, and those of both classes answered rightly.

    `images`, `right_true` and `right_said` are places in the test set: the confused ones, most
    confident first, and the right ones of the true class and of the class answered. `given_true` and
    `given_said` are the mean probabilities that the confused ones get for the two classes;
    `runner_up` counts those whose true class has the second largest.
    """

    images: Numbers
    right_true: Numbers
    right_said: Numbers
    given_true: float
    given_said: float
    runner_up: int


def confused(shares: Shares, truth: Numbers, true: int, said: int) -> Confused:
    """What is known of the images of class `true` that were answered with class `said`.

    The means are 0 where there is no such image.
    """
    answers = shares.argmax(axis=1)
    found = np.flatnonzero((truth == true) & (answers == said))
    found = found[np.argsort(-shares[found, said], kind="stable")]
    given = shares[found].astype(np.float64)
    means = given.mean(axis=0) if len(found) else np.zeros(shares.shape[1])
    above = (given > given[:, [true]]).sum(axis=1)
    return Confused(
        images=found,
        right_true=np.flatnonzero((truth == true) & (answers == true)),
        right_said=np.flatnonzero((truth == said) & (answers == said)),
        given_true=float(means[true]),
        given_said=float(means[said]),
        runner_up=int((above == 1).sum()),
    )


def mean_image(images: NDArray[np.uint8]) -> Floats:
    """The mean of images (n, height, width, channels), from 0 to 255. There must be one at least."""
    mean: Floats = images.mean(axis=0, dtype=np.float64)
    return mean


def distance(one: Floats, other: Floats) -> float:
    """The mean difference of two images' pixels, from 0 to 255, whatever its sign."""
    return float(np.abs(one - other).mean())
