"""Who wins a window of max pooling, against where TensorFlow sends the gradient."""

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.lessons.pooling_winners import windows_won
from tests.strategies import SEEDS


@given(SEEDS, st.integers(3, 9), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_a_cell_wins_the_windows_that_send_their_gradient_to_it(
    seed: int, side: int, size: int, stride: int
) -> None:
    size = min(size, side)
    order = np.random.default_rng(seed).permutation(side * side * 4).astype(np.float32)
    x = tf.Variable(order.reshape(2, side, side, 2))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.nn.max_pool2d(x, size, stride, "VALID"))
    expected = tape.gradient(total, x) if size > 1 else np.zeros(x.shape)
    np.testing.assert_array_equal(windows_won(x.numpy(), size, stride), expected)


def test_the_first_of_equals_wins_and_where_all_are_equal_nobody() -> None:
    x = np.array([[0, 1, 3, 3], [1, 1, 3, 3]], np.float32)[None, ..., None]
    np.testing.assert_array_equal(windows_won(x, 2, 2)[0, ..., 0], [[0, 1, 0, 0], [0, 0, 0, 0]])
