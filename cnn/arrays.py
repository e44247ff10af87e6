"""The types of arrays by what they hold; their shapes stand where they are used."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
"""What networks compute with: scaled images, maps, weights, probabilities."""

Floats = NDArray[np.float64]
"""Measurements of what networks compute."""

Pixels = NDArray[np.uint8]
"""Images as they are stored, 0 to 255."""

Numbers = NDArray[np.int64]
"""Class numbers, counts, and positions in another array."""

Mask = NDArray[np.bool_]
