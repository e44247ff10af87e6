"""The derivatives of the activations, against TensorFlow's own."""

import numpy as np
import pytest
import tensorflow as tf

from cnn.network.layers.activation import ACTIVATIONS
from cnn.operations import derivative
from tests.test_operations import EXTREMES, keras_activation


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0])
def test_derivatives_are_tensorflows_and_so_is_what_counts_at_a_kink(
    name: str, slope: float
) -> None:
    x = np.append(np.linspace(-7, 7, 141, dtype=np.float32), EXTREMES)
    assert (x == 0).sum() >= 2
    variable = tf.Variable(x)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(keras_activation(name, slope)(variable))
    ours = derivative(x, name, slope)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, tape.gradient(total, variable), rtol=0, atol=1e-5)
