"""All numbers of the Evaluate page for the article's network and its 2,000 test images.

The clock runs from weights and images to accuracy and loss with their intervals, the confusion
matrix, precision, recall and F1 of each class, calibration, and the order of the mistakes and of the
images nearest the decision boundary. The usual way is Keras's `Model.predict` and the functions of
scikit-learn that give the same, without intervals and orders. Both are warm and take turns in one
process; the model of Keras is built before.
"""

import os
import tempfile
import time
from pathlib import Path
from statistics import median

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
)

from benchmarks import Numbers, Rows
from cnn.data.dataset import choose
from cnn.data.example import shipped
from cnn.evaluation.metrics import metrics
from cnn.inspection.forward import probabilities
from cnn.network.keras_model import build, set_flat_weights
from cnn.network.plan import Plan, plan
from cnn.statistics import mean_interval, wilson
from cnn.training.store import RunStore

_TURNS = 15

_Images = NDArray[np.uint8]
_Labels = NDArray[np.int64]


def run() -> tuple[Rows, Numbers]:
    """Evaluate the shipped run in both ways, turn by turn, and compare the times."""
    with tempfile.TemporaryDirectory() as home:
        store = RunStore(Path(home))
        article = store.run("article")
        weights = store.weights(article.id, article.kept[-1])
    data = choose(shipped(), article.job.data)
    images, labels = data.dataset.images[data.test], data.labels[data.test]
    unrolled = plan(article.job.network, data.image_shape, len(data.classes))
    model = build(unrolled, seed=0)
    set_flat_weights(model, unrolled, weights)
    rows: Rows = [("turn", "app, ms", "predict and scikit-learn, ms", "ratio")]
    ours, theirs, ratios = [], [], []
    for turn in range(_TURNS + 1):
        began = time.perf_counter()
        accuracy = _app(unrolled, weights, images, labels)
        between = time.perf_counter()
        expected = _usual_way(model, images, labels)
        ended = time.perf_counter()
        assert abs(accuracy - expected) < 1e-9, (accuracy, expected)
        if turn == 0:
            continue  # the first time is slower for both
        ours.append(1000 * (between - began))
        theirs.append(1000 * (ended - between))
        ratios.append(theirs[-1] / ours[-1])
        rows.append((f"{turn}", f"{ours[-1]:.0f}", f"{theirs[-1]:.0f}", f"{ratios[-1]:.1f}"))
    return rows, {
        "app_ms": median(ours),
        "usual_ms": median(theirs),
        "speedup": median(ratios),
    }


def _app(unrolled: Plan, weights: NDArray[np.float32], images: _Images, labels: _Labels) -> float:
    """All numbers in the app's way; returns the accuracy."""
    found = metrics(probabilities(unrolled, weights, images), labels)
    wilson(found.accuracy, len(labels))
    mean_interval(found.losses.tolist())
    np.argsort(-found.confidence[~found.right], kind="stable")
    np.argsort(found.margin, kind="stable")
    return found.accuracy


def _usual_way(model: keras.Model, images: _Images, labels: _Labels) -> float:
    """The same numbers from Keras and scikit-learn; returns the accuracy."""
    shares = model.predict(images.astype("float32") / 255, verbose=0)
    said = shares.argmax(axis=1)
    confusion_matrix(labels, said)
    precision_recall_fscore_support(labels, said)
    log_loss(labels, shares)
    calibration_curve(said == labels, shares.max(axis=1), n_bins=10)
    return float(accuracy_score(labels, said))
