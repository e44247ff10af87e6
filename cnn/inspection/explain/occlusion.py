"""How the logits change when a part of the image is hidden (Zeiler and Fergus, 2014, section 4.2)."""

from dataclasses import dataclass

import numpy as np

from cnn.arrays import Array, Mask, Numbers, Pixels
from cnn.inspection.explain.target import Target, class_logits
from cnn.inspection.forward import after
from cnn.network.plan import Plan

MOST_STOPS = 31
"""Stops of the square along one side: at most 961 images go through the network."""

HIDDEN = 0
"""What the square is filled with, 0 to 255: black."""


@dataclass(frozen=True, eq=False)
class Occlusion:
    """The logits of all classes with a black square of `size` x `size` at each of its stops.

    The square's top row and its left column are at `starts`. `whole` are the logits with nothing
    hidden, (classes,), `hidden` those with the square there, (stops down, stops across, classes).
    """

    size: int
    starts: tuple[int, ...]
    whole: Array
    hidden: Array

    def drops(self, target: Target) -> Array:
        """The score of `target` with nothing hidden less that with the square there: (down, across)."""
        with np.errstate(all="ignore"):  # infinite logits of a diverged network
            return target.score(self.whole) - target.score(self.hidden)

    @property
    def answers(self) -> Numbers:
        """The class with the largest logit with the square there: (down, across)."""
        return self.hidden.argmax(axis=-1)

    @property
    def changes(self) -> Mask:
        """Whether the answer is another one with the square there: (down, across)."""
        return self.answers != self.whole.argmax()


def stops(side: int, size: int) -> tuple[int, ...]:
    """Where a square of `size` starts along a `side`: every pixel, or as few apart as MOST_STOPS allow.

    The last stop touches the border, even if that is nearer to the one before.
    """
    last = side - size
    step = max(1, -(-last // (MOST_STOPS - 1)))
    return (*range(0, last, step), last)


def occlusion(plan: Plan, weights: Array, image: Pixels, size: int) -> Occlusion:
    """Hide a square of `size` pixels of the uint8 image (height, width, channels), stop by stop.

    Raises ValueError if the square does not fit into the image.
    """
    side = image.shape[0]
    if not 1 <= size <= side:
        raise ValueError(f"Expected a square of 1 to {side} pixels. Received: {size}")
    starts = stops(side, size)
    images = np.repeat(image[None], len(starts) ** 2, axis=0)
    places = [(top, left) for top in starts for left in starts]
    for covered, (top, left) in zip(images, places, strict=True):
        covered[top : top + size, left : left + size] = HIDDEN
    # What was black before is not computed again: in another place of a batch it is rounded otherwise.
    changed = (images != image).any(axis=(1, 2, 3))
    needed = np.concatenate([image[None], images[changed]])
    whole, *others = class_logits(after(plan.layers[:-1], plan.split(weights), needed))
    hidden = np.tile(whole, (len(images), 1))
    hidden[changed] = np.reshape(others, (-1, len(whole)))
    return Occlusion(size, starts, whole, hidden.reshape(len(starts), len(starts), -1))
