"""Where a network's decision changes while something about its input does."""

import numpy as np
from numpy.typing import NDArray

from cnn.arrays import Numbers


def nearest_flips(decisions: Numbers, present: int) -> tuple[int | None, int | None]:
    """The places nearest to `present`, before and after it, whose decision is another than there.

    `decisions` has the one at each place, (n,); None where there is no such place.
    """
    other = np.flatnonzero(decisions != decisions[present])
    before, after = other[other < present], other[other > present]
    return (
        int(before[-1]) if len(before) else None,
        int(after[0]) if len(after) else None,
    )


def winning_classes(probabilities: NDArray[np.floating]) -> list[int]:
    """The classes that win at some place, for probabilities (n, classes); most often first.

    Where one class always wins, the class that comes nearest to it is the second.
    """
    classes = probabilities.shape[1]
    wins = np.bincount(probabilities.argmax(1), minlength=classes)
    order = sorted(range(classes), key=lambda one: (-wins[one], -probabilities[:, one].max()))
    return order[: max(2, int((wins > 0).sum()))]
