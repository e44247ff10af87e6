"""A gray image in color: a garment dyed with stripes."""

import numpy as np
from numpy.typing import NDArray

_STRIPE = 4
_STRONG, _WEAK = 0.9, 0.2


def dyed(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A gray image (height, width, 1) dyed: uint8 (height, width, 3), red, green and blue.

    Each channel is a share of the pixel's brightness. Upright stripes of four pixels have 0.9 of it
    in red and 0.2 in green, and those between them the reverse, so that red and green together are
    as bright in every stripe. Blue grows from 0 in the top row to 1 in the bottom row. Black stays
    black.
    """
    height, width, _ = image.shape
    first = np.arange(width) // _STRIPE % 2 == 0
    shares = np.empty((height, width, 3))
    shares[..., 0] = np.where(first, _STRONG, _WEAK)
    shares[..., 1] = np.where(first, _WEAK, _STRONG)
    shares[..., 2] = np.linspace(0, 1, height)[:, None]
    return np.rint(image * shares).astype(np.uint8)
