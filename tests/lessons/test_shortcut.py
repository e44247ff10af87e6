"""Signals and gradients through many layers are those of Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnn.lessons.shortcut import backwards, forwards, random_kernels, size

MAPS = 3


@pytest.mark.parametrize("shortcut", [False, True])
def test_signals_and_gradients_are_those_of_keras(shortcut: bool) -> None:
    random = np.random.default_rng(5)
    x = random.random((2, 7, 6, MAPS), np.float32)
    kernels = random_kernels(4, MAPS, 0.8, seed=3)
    asked = random.standard_normal(x.shape).astype(np.float32)
    ours = forwards(x, kernels, shortcut)

    theirs = [tf.Variable(x)]
    with tf.GradientTape() as tape:
        for kernel in kernels:
            made = keras.ops.relu(keras.ops.conv(theirs[-1], kernel, padding="same"))
            theirs.append(theirs[-1] + made if shortcut else made)
        told = keras.ops.sum(theirs[-1] * asked)
    gradients = tape.gradient(told, theirs)

    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-5)
    back = backwards(ours, kernels, shortcut, asked)
    for our, their in zip(back, gradients, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-5)


def test_kernels_have_the_spread_that_keeps_the_size_of_a_signal() -> None:
    kernels = random_kernels(6, 32, 1.0, seed=0)
    signals = forwards(np.random.default_rng(1).random((1, 40, 40, 32), np.float32), kernels, False)
    # The border is padded with zeros, which takes a little of every sum there.
    assert 0.5 < size(signals[-1]) / size(signals[0]) < 2
    few = random_kernels(2, 32, 1.0, seed=0)
    assert all(np.array_equal(*pair) for pair in zip(few, kernels, strict=False))


def test_size_does_not_lose_what_is_very_small() -> None:
    assert size(np.full(9, -1e-30, np.float32)) == pytest.approx(1e-30)
