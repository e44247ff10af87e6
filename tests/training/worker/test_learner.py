"""What a learner tells of a batch's gradient, held against Keras and a tape."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnn.network.keras_model import build
from cnn.network.plan import plan
from cnn.network.spec import Network
from cnn.training.worker.learner import Learner
from tests.training.worker.test_task import NO_BLOCKS, PLAIN, SIGMOID, blots, epochs, trained


@pytest.mark.parametrize("network", [PLAIN, NO_BLOCKS, SIGMOID])
def test_the_gradient_by_layer_is_that_of_keras_on_the_same_batch(network: Network) -> None:
    data = blots(classes=2)
    settings = epochs(1)
    batch = np.arange(settings.batch_size)
    _, _, told = Learner(network, settings, data).learn(batch, 0.01)
    unrolled = plan(network, data.train_images.shape[1:], data.classes)
    model = build(unrolled, settings.seed)
    images = data.train_images[batch].astype("float32") / 255
    binary = network.output == "sigmoid"
    loss = (
        keras.losses.BinaryCrossentropy()
        if binary
        else keras.losses.SparseCategoricalCrossentropy()
    )
    expected = []
    for layer in (one for one in model.layers if one.trainable_variables):
        variables = [variable.value for variable in layer.trainable_variables]
        with tf.GradientTape() as tape:
            value = loss(data.train_labels[batch], model(images, training=True))
        parts = tape.gradient(value, variables)
        flat = np.concatenate([part.numpy().ravel() for part in parts]).astype(np.float64)
        expected.append(np.sqrt(np.mean(flat**2)))
    np.testing.assert_allclose(told, expected, rtol=1e-4)


def test_every_epoch_but_the_first_has_a_gradient_for_every_layer_that_learns() -> None:
    untrained, *ends = trained(PLAIN, epochs(2)).epochs
    assert untrained.gradients == ()
    for end in ends:
        assert len(end.gradients) == 3  # convolution, dense, logits
        assert min(end.gradients) > 0
