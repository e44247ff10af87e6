"""A network that learns batch by batch on a worker: Keras's layers, losses and optimizers, compiled."""

import io
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from cnn.arrays import Array, Floats, Numbers
from cnn.data.split import TrainingData
from cnn.network.keras import BUILDING, build, cross_entropy, flat_weights, set_flat_weights
from cnn.network.plan import plan
from cnn.network.spec import Network
from cnn.training.job import Settings

_EVALUATION_BATCH = 256


class Learner:
    """A model, its optimizer and its images; computes what `model.fit` computes, with less overhead.

    The trainable weights are one vector, which the graph splits into the layers' weights. An
    optimizer works element by element, so its numbers are the same, and a few operations on one
    vector are traced and run faster than as many on every layer's weights.
    """

    def __init__(self, network: Network, settings: Settings, data: TrainingData) -> None:
        self.settings = settings
        self.images = len(data.train_labels)
        self._plan = plan(network, data.train_images.shape[1:], data.classes)
        self._model = build(self._plan, settings.seed)
        self._binary = network.output == "sigmoid"
        self._loss = cross_entropy(network)
        self._vector = keras.Variable(self._trainable_weights(), name="weights")
        name, options = settings.keras_optimizer
        self._optimizer = getattr(keras.optimizers, name)(settings.learning_rate(1), **options)
        self._optimizer.build([self._vector])
        # A tensor given from outside: were 255 a constant of the graph, TensorFlow would multiply
        # by its reciprocal, which is not always the same float32.
        self._largest_pixel = tf.constant(255.0)
        self._train = tf.constant(data.train_images), tf.constant(data.train_labels)
        self._test = tf.constant(data.test_images), tf.constant(data.test_labels)
        with BUILDING:
            # Traced here: a training that ends meanwhile clears the state that Keras traces by.
            self._learn.get_concrete_function()
            self._evaluate.get_concrete_function()

    def learn(self, order: Numbers, learning_rate: float) -> tuple[float, int, Floats]:
        """Learn from the training images with the indices in `order`, batch by batch.

        Returns the sum of their losses and the number classified correctly, each before its batch
        was learned; and for every layer with trainable weights, in the plan's order, the root mean
        square of the last batch's gradient.
        """
        self._optimizer.learning_rate = learning_rate
        loss, correct, gradients = self._learn(tf.constant(order))
        return float(loss), int(correct), gradients.numpy()

    def quality(self, images: Literal["train", "test"]) -> tuple[float, float]:
        """Return mean loss and accuracy on all training or all test images, without learning."""
        pixels, labels = self._train if images == "train" else self._test
        loss, correct = self._evaluate(pixels, labels)
        return float(loss) / len(labels), int(correct) / len(labels)

    def weights(self) -> Array:
        """Return all weights as one float32 vector in the order of `Plan.weights`."""
        for variable, part in zip(self._model.trainable_variables, self._parts(), strict=True):
            variable.assign(part)
        return flat_weights(self._model)

    def state(self) -> bytes:
        """Return what else determines the next steps: optimizer variables and dropout seeds."""
        buffer = io.BytesIO()
        np.savez(buffer, *(variable.numpy() for variable in self._state_variables()))
        return buffer.getvalue()

    def restore(self, weights: Array, state: bytes) -> None:
        """Restore what `weights` and `state` returned; an empty state means a fresh optimizer.

        Raises ValueError where they belong to another network or optimizer.
        """
        set_flat_weights(self._model, self._plan, weights)
        self._vector.assign(self._trainable_weights())
        if state:
            with np.load(io.BytesIO(state), allow_pickle=False) as arrays:
                for variable, array in zip(self._state_variables(), arrays.values(), strict=True):
                    variable.assign(array)

    def _trainable_weights(self) -> Array:
        return np.concatenate([v.numpy().ravel() for v in self._model.trainable_variables])

    def _state_variables(self) -> list[keras.Variable]:
        kept = {id(variable) for variable in self._model.weights}
        seeds = [v for v in self._model.non_trainable_variables if id(v) not in kept]
        return [*self._optimizer.variables, *seeds]

    def _parts(self) -> list[tf.Tensor]:
        shapes = [variable.shape for variable in self._model.trainable_variables]
        parts = tf.split(self._vector.value, [int(np.prod(shape)) for shape in shapes])
        return [tf.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)]

    def _forward(self, images: tf.Tensor, training: bool) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Probabilities for uint8 images, and the new values of the non-trainable variables."""
        pixels = tf.cast(images, tf.float32) / self._largest_pixel
        others = self._model.non_trainable_variables
        return self._model.stateless_call(self._parts(), others, pixels, training=training)

    def _correct(self, labels: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
        if self._binary:
            predicted = tf.cast(probabilities[:, 0] > 0.5, tf.int64)
        else:
            predicted = tf.argmax(probabilities, axis=1)
        return tf.math.count_nonzero(predicted == labels)

    # Without a shape in the signature TensorFlow would trace again for every other number of images.
    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
    def _learn(self, order: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        images, labels = self._train
        total, correct = tf.constant(0.0), tf.constant(0, tf.int64)
        gradient = tf.zeros_like(self._vector.value)
        for first in tf.range(0, tf.size(order), self.settings.batch_size):
            batch = order[first : first + self.settings.batch_size]
            targets = tf.gather(labels, batch)
            with tf.GradientTape() as tape:
                probabilities, others = self._forward(tf.gather(images, batch), training=True)
                loss = self._loss(targets, probabilities)
            gradient = tape.gradient(loss, self._vector.value)
            self._update(gradient)
            for variable, value in zip(self._model.non_trainable_variables, others, strict=True):
                variable.assign(value)
            total += loss * tf.cast(tf.size(batch), tf.float32)
            correct += self._correct(targets, probabilities)
        return total, correct, self._by_layer(gradient)

    def _by_layer(self, gradient: tf.Tensor) -> tf.Tensor:
        """The root mean square of each layer's part of the gradient."""
        learned = [[w.size for w in layer.weights if w.trainable] for layer in self._plan.layers]
        parts = tf.split(gradient, [sum(sizes) for sizes in learned if sizes])
        # The square of a float32 that is still finite may not be.
        squares = [tf.reduce_mean(tf.square(tf.cast(part, tf.float64))) for part in parts]
        return tf.sqrt(tf.stack(squares))

    def _update(self, gradient: tf.Tensor) -> None:
        # What the optimizer's `apply` does. That also sums over devices, by a custom gradient,
        # which TensorFlow registers forever: the graph of every run would stay in memory.
        optimizer = self._optimizer
        optimizer.update_step(gradient, self._vector, optimizer.learning_rate)
        optimizer.iterations.assign_add(1)

    @tf.function(
        input_signature=[tf.TensorSpec([None] * 4, tf.uint8), tf.TensorSpec([None], tf.int64)]
    )
    def _evaluate(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images = tf.ensure_shape(images, [None, *self._plan.image_shape])
        total, correct = tf.constant(0.0), tf.constant(0, tf.int64)
        for first in tf.range(0, tf.size(labels), _EVALUATION_BATCH):
            targets = labels[first : first + _EVALUATION_BATCH]
            probabilities, _ = self._forward(
                images[first : first + _EVALUATION_BATCH], training=False
            )
            total += self._loss(targets, probabilities) * tf.cast(tf.size(targets), tf.float32)
            correct += self._correct(targets, probabilities)
        return total, correct
