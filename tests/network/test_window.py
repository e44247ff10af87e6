"""The cells that a window reads, against those that a convolution of Keras reads."""

import keras
import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnn.network.layers import WindowSide
from cnn.network.spec import PADDINGS

STEPS = st.tuples(st.integers(1, 4), st.just(1)) | st.tuples(st.just(1), st.integers(2, 4))
"""Strides and dilations: Keras has no convolution with both above 1."""


@given(
    cells=st.integers(1, 12),
    size=st.integers(1, 5),
    steps=STEPS,
    padding=st.sampled_from(PADDINGS),
)
@settings(max_examples=100, deadline=None)
def test_a_window_reads_the_cells_that_keras_reads(cells, size, steps, padding):
    stride, dilation = steps
    side = WindowSide.over(cells, size, stride, padding, dilation)
    assume(side.positions(cells) > 0)
    # One filter for each cell of the window, and each cell of the side numbered from 1.
    layer = keras.layers.Conv1D(size, size, stride, padding, dilation_rate=dilation)
    line = np.arange(1, cells + 1, dtype=np.float32).reshape(1, cells, 1)
    layer.build(line.shape)
    layer.kernel.assign(np.eye(size, dtype=np.float32)[:, np.newaxis, :])
    reads = np.asarray(layer(line))[0]
    assert side.positions(cells) == len(reads)
    for position, read in enumerate(reads):
        numbers = [cell + 1 if 0 <= cell < cells else 0 for cell in side.cells_read(position)]
        assert numbers == read.tolist()
    last = side.cells_read(len(reads) - 1)
    assert side.span == last[-1] - last[0] + 1
