"""What a network predicts for all test images, computed at one go."""

from cnn.arrays import Array
from cnn.data.split import ChosenData
from cnn.evaluation.predictions import Predictions, of_test_images
from cnn.inspection.forward import probabilities
from cnn.network.plan import Plan


def predict(plan: Plan, weights: Array, data: ChosenData) -> Predictions:
    """The predictions of a network with flat `weights` for all test images of `data`."""
    return of_test_images(probabilities(plan, weights, data.dataset.images[data.test]), data)
