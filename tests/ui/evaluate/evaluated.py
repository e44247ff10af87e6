"""A small evaluated run with predictions of one's choice."""

import numpy as np

from cnn.data.dataset import Dataset
from cnn.data.split import DataChoice, choose
from cnn.evaluation.metrics import metrics
from cnn.evaluation.predictions import Predictions
from cnn.network.presets import ARTICLE
from cnn.training.job import Job, Settings
from cnn.training.run import Run
from cnn.ui.evaluate.evaluated_run import EvaluatedRun


def evaluated(probabilities: np.ndarray, true_labels: np.ndarray, **data: object) -> EvaluatedRun:
    """A run whose test images have these classes and get these probabilities (n, 3)."""
    count = len(true_labels)
    labels = np.concatenate([np.arange(10 * count) % 3, true_labels])
    dataset = Dataset(
        "Things",
        "things",
        np.zeros((len(labels), 4, 4, 1), np.uint8),
        labels,
        ("a", "b*", "c"),
        "",
        count,
    )
    chosen = choose(dataset, DataChoice("things", train_share=None))
    run = Run("r", Job(ARTICLE, chosen.choice, Settings()), "done", "", 0, 0)
    found = metrics(Predictions(probabilities.astype(np.float32), true_labels))
    return EvaluatedRun(run, 3, chosen, found)


def sure_of(predicted: np.ndarray, confidence: float) -> np.ndarray:
    """Probabilities of three classes: the confidence for the predicted one, the rest shared evenly."""
    shares = np.full((len(predicted), 3), (1 - confidence) / 2)
    shares[np.arange(len(predicted)), predicted] = confidence
    return shares
