"""Color for a gray image: stripes of red and green, and blue that increases toward the bottom."""

import numpy as np

from cnn.arrays import Pixels

_STRIPE = 4
_STRONG, _WEAK = 0.9, 0.2


def colorized(image: Pixels) -> Pixels:
    """Color a gray image (height, width, 1); returns uint8 (height, width, 3): red, green, blue.

    Each channel is a share of the pixel's brightness. Vertical stripes of four pixels have 0.9 of it
    in red and 0.2 in green; the stripes between them have the reverse, so that red plus green is the
    same in every stripe. Blue increases from 0 in the top row to 1 in the bottom row. Black stays
    black.
    """
    height, width, _ = image.shape
    first = np.arange(width) // _STRIPE % 2 == 0
    shares = np.empty((height, width, 3))
    shares[..., 0] = np.where(first, _STRONG, _WEAK)
    shares[..., 1] = np.where(first, _WEAK, _STRONG)
    shares[..., 2] = np.linspace(0, 1, height)[:, None]
    return np.rint(image * shares).astype(np.uint8)
