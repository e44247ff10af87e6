"""Which cells of a map max pooling passes on."""

import numpy as np

from cnn.arrays import Array, Numbers
from cnn.operations import windows


def windows_won(x: Array, size: int, stride: int) -> Numbers:
    """Count, for every cell of maps (images, height, width, channels), the windows it is largest in.

    Of equal cells the first counts, row by row. A window of equal cells counts for none of them.
    """
    places = windows(x, size, stride)
    images, rows, columns, channels = places.shape[:4]
    cells = places.reshape(images, rows, columns, channels, size * size)
    decided = cells.max(axis=-1) > cells.min(axis=-1)
    down, across = np.divmod(cells.argmax(axis=-1), size)
    image, row, column, channel = np.indices((images, rows, columns, channels))
    won = np.zeros(x.shape, np.int64)
    at = (image, row * stride + down, column * stride + across, channel)
    np.add.at(won, tuple(part[decided] for part in at), 1)
    return won
