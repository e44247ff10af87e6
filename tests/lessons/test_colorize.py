"""A garment dyed."""

import numpy as np

from cnn.data.example import shipped
from cnn.lessons.colorize import dyed


def test_each_channel_is_a_share_of_the_brightness_and_black_stays_black() -> None:
    for gray in shipped().images[:5]:
        color = dyed(gray)
        assert color.shape == (28, 28, 3) and color.dtype == np.uint8
        assert (color <= gray).all()
        assert not color[gray[..., 0] == 0].any()


def test_the_stripes_change_color_and_keep_their_brightness() -> None:
    red, green, blue = dyed(np.full((28, 28, 1), 200, np.uint8)).transpose(2, 0, 1)
    np.testing.assert_array_equal(red + green, 220)
    assert (np.abs(np.diff(red[0].astype(int))) > 0).sum() == 6  # between seven stripes
    assert (red == red[0]).all() and (np.diff(blue[:, 0].astype(int)) > 0).all()
    assert blue[0, 0] == 0 and blue[-1, 0] == 200
