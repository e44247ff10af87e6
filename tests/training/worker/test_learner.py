"""A learner held against Keras: its losses, accuracies, weights, gradients and its state."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnn.network.keras import build, flat_weights
from cnn.network.plan import plan
from cnn.network.spec import Network
from cnn.training.job import Phase, Settings
from cnn.training.worker.learner import Learner
from cnn.training.worker.task import learn
from tests.training.worker.test_task import (
    DROPOUT,
    NO_BLOCKS,
    PLAIN,
    SIGMOID,
    Trained,
    blots,
    epochs,
    trained,
)


def keras_model(network: Network, settings: Settings, classes: int) -> keras.Sequential:
    """The untrained model with Keras's own compiled training."""
    model = build(plan(network, (8, 8, 1), classes), settings.seed)
    binary = network.output == "sigmoid"
    model.compile(
        optimizer=keras.optimizers.SGD(0.05),
        loss="binary_crossentropy" if binary else "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


@pytest.mark.parametrize("network", [PLAIN, NO_BLOCKS, SIGMOID, DROPOUT])
def test_it_learns_batches_and_measures_as_keras_does(network: Network) -> None:
    data = blots(classes=2)
    settings = Settings((Phase(1, 0.05),), batch_size=32, optimizer="sgd")
    learner = Learner(network, settings, data)
    model = keras_model(network, settings, data.classes)
    np.testing.assert_array_equal(learner.weights(), flat_weights(model))
    scaled = data.train_images.astype("float32") / 255
    order = np.random.default_rng(0).permutation(len(scaled))[:80]  # the last batch is shorter
    loss, correct, _ = learner.learn(order, 0.05)
    total = right = 0.0
    for batch in (order[:32], order[32:64], order[64:]):
        model.reset_metrics()
        batch_loss, accuracy = model.train_on_batch(scaled[batch], data.train_labels[batch])
        total, right = total + batch_loss * len(batch), right + accuracy * len(batch)
    assert loss == pytest.approx(total, rel=1e-5)
    assert correct == pytest.approx(right)
    np.testing.assert_allclose(learner.weights(), flat_weights(model), atol=1e-6)
    for measured, images, labels in (
        (learner.quality("train"), data.train_images, data.train_labels),
        (learner.quality("test"), data.test_images, data.test_labels),
    ):
        expected = model.evaluate(images.astype("float32") / 255, labels, verbose=0)
        np.testing.assert_allclose(measured, expected, rtol=1e-5)


def test_the_learning_rate_is_that_of_the_call() -> None:
    data, settings = blots(), Settings((Phase(1, 0.05),), batch_size=200, optimizer="sgd")
    steps = []
    for rate in (0.05, 0.1):
        learner = Learner(PLAIN, settings, data)
        before = learner.weights()
        learner.learn(np.arange(200), rate)
        steps.append(learner.weights() - before)
    np.testing.assert_allclose(2 * steps[0], steps[1], atol=1e-6)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_weights_and_state_restore_what_decides_the_next_steps(optimizer: str) -> None:
    momentum = 0.9 if optimizer == "sgd" else 0.0
    data, settings = blots(), epochs(1, optimizer=optimizer, momentum=momentum)
    first = Learner(DROPOUT, settings, data)
    first.learn(np.arange(100), 0.01)
    weights, state = first.weights(), first.state()
    again = Learner(DROPOUT, settings, data)
    again.restore(weights, state)
    for learner in (first, again):
        learner.learn(np.arange(100, 200), 0.01)
    np.testing.assert_array_equal(again.weights(), first.weights())
    assert again.state() == first.state()
    fresh = Learner(DROPOUT, settings, data)
    fresh.restore(weights, b"")
    np.testing.assert_array_equal(fresh.weights(), weights)
    fresh.learn(np.arange(100, 200), 0.01)
    assert not np.array_equal(fresh.weights(), first.weights())


def test_what_belongs_to_another_network_or_optimizer_is_refused() -> None:
    data = blots()
    learner = Learner(PLAIN, epochs(1), data)
    with pytest.raises(ValueError):
        learner.restore(learner.weights()[:-1], b"")
    other = Learner(PLAIN, epochs(1, optimizer="sgd"), data)
    with pytest.raises(ValueError):
        learner.restore(learner.weights(), other.state())


@pytest.mark.parametrize("network", [PLAIN, NO_BLOCKS, SIGMOID])
def test_the_gradient_by_layer_is_that_of_keras_on_the_same_batch(network: Network) -> None:
    data = blots(classes=2)
    settings = epochs(1)
    batch = np.arange(settings.batch_size)
    _, _, measured = Learner(network, settings, data).learn(batch, 0.01)
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
    np.testing.assert_allclose(measured, expected, rtol=1e-4)


def test_every_epoch_but_the_first_has_a_gradient_for_every_layer_that_learns() -> None:
    untrained, *ends = trained(PLAIN, epochs(2)).epochs
    assert untrained.gradients == ()
    for end in ends:
        assert len(end.gradients) == 3  # convolution, dense, logits
        assert min(end.gradients) > 0


def test_trainings_side_by_side_in_one_process_give_the_numbers_of_each_alone() -> None:
    networks = [PLAIN, DROPOUT, NO_BLOCKS]

    def beside(network: Network) -> str:
        result = Trained()
        learner = Learner(network, epochs(2), blots())
        learn(learner, None, result.events.append, lambda: "go")
        return result.digest

    def with_its_end(network: Network) -> str:
        return trained(network, epochs(2)).digest  # clears Keras's state

    alone = [trained(network, epochs(2)).digest for network in networks]
    with ThreadPoolExecutor(4) as threads:
        main = threads.submit(with_its_end, PLAIN)
        others = [threads.submit(beside, network) for network in networks]
        assert [one.result() for one in others] == alone
        assert main.result() == alone[0]
