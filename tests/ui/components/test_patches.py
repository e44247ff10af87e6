"""What the browser is given of patches: their colors, and nothing for what is not seen."""

import numpy as np
import pytest

from cnn.inspection.map_geometry import Patch
from cnn.ui.components.patches import _colored


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_not_seen_is_let_through(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 6, channels), dtype=np.uint8)
    seen = np.zeros((4, 6), dtype=bool)
    seen[1:3, 2:] = True
    found = _colored(Patch(pixels, seen))
    assert found.shape == (4, 6, 4) and found.dtype == np.uint8
    np.testing.assert_array_equal(found[..., 3], seen * 255)
    for part in range(3):
        np.testing.assert_array_equal(found[..., part], pixels[..., part % channels])
