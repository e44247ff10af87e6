"""Which cells max pooling passes on."""

import numpy as np
from numpy.typing import NDArray

from cnn.operations import windows


def windows_won(x: NDArray[np.float32], size: int, stride: int) -> NDArray[np.int64]:
    """For every cell of maps (images, height, width, channels) how many windows it is the largest of.

    Of equals the first wins, row by row. A window whose cells are all the same has no winner.
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
