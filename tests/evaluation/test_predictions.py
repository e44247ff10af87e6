"""Predictions for a test set, against Keras."""

import numpy as np
import pytest

from cnn.evaluation.predictions import Predictions
from cnn.network.keras import build, set_flat_weights
from cnn.network.plan import plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network
from tests.evaluation.predicting import predict
from tests.strategies import random_weights
from tests.training.examples import chosen


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_answers_confidence_and_accuracy_are_those_of_keras(output: str, seed: int) -> None:
    network = Network(
        (ConvolutionBlock(3, 3, batch_normalization=True, dropout=0.5),),
        dense=(DenseLayer(5, Activation("tanh")),),
        output=output,
    )
    data = chosen()
    one = plan(network, data.image_shape, len(data.classes))
    weights = random_weights(one, seed)
    model = build(one, seed=1)
    set_flat_weights(model, one, weights)
    images, labels = data.dataset.images[data.test], data.labels[data.test]
    scores = model.predict(images / np.float32(255), verbose=0)
    if output == "softmax":
        predicted, sure, loss = (
            scores.argmax(axis=1),
            scores.max(axis=1),
            "sparse_categorical_crossentropy",
        )
    else:
        second = scores[:, 0]
        predicted, sure, loss = (
            (second > 0.5),
            np.maximum(second, 1 - second),
            "binary_crossentropy",
        )
    model.compile(loss=loss, metrics=["accuracy"])
    _, accuracy = model.evaluate(images / np.float32(255), labels, verbose=0)

    found = predict(one, weights, data)
    assert found.accuracy == pytest.approx(accuracy, abs=1e-6)
    np.testing.assert_array_equal(found.predicted, predicted)
    np.testing.assert_allclose(found.confidence, sure, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(found.true_labels, labels)
    np.testing.assert_array_equal(found.correct, predicted == labels)


def test_the_margin_is_the_lead_over_the_next_class_and_losses_are_bounded() -> None:
    shares = np.array([[0.5, 0.3, 0.2], [0.0, 0.1, 0.9], [np.nan, 0.5, 0.5]], np.float32)
    found = Predictions(shares, np.array([0, 0, 2]))
    np.testing.assert_allclose(found.margin[:2], [0.2, 0.8], rtol=1e-6)
    np.testing.assert_allclose(found.losses(0.25)[:2], [np.log(2), np.log(4)], rtol=1e-6)
    assert found.finite.tolist() == [True, True, False]
    assert len(found) == 3
