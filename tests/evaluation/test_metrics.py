"""The numbers about a network's predictions, against scikit-learn, Keras's own record, and by hand."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    log_loss,
    precision_recall_fscore_support,
)

from cnn.data.example import example_dataset
from cnn.evaluation.metrics import (
    Metrics,
    MetricsError,
    calibration,
    confusion_pair,
    distance,
    mean_image,
    metrics,
    most_frequent_mistake,
)
from cnn.evaluation.predictions import Predictions
from cnn.inspection.forward import probabilities
from cnn.ui.state import services

Case = tuple[NDArray[np.float32], NDArray[np.int64]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Probabilities, flat or sharp, and classes, of which some may never occur or be answered."""
    classes, images = draw(st.integers(2, 6)), draw(st.integers(1, 60))
    generator = np.random.default_rng(draw(st.integers(0, 2**31)))
    logits = draw(st.sampled_from([0.0, 1.0, 10.0])) * generator.normal(size=(images, classes))
    logits[:, : draw(st.integers(0, classes - 1))] -= 30
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares.astype(np.float32), generator.integers(
        draw(st.integers(0, classes - 1)), classes, images
    )


@settings(max_examples=60)
@given(cases())
def test_all_numbers_are_those_of_scikit_learn(case: Case) -> None:
    shares, truth = case
    # As scikit-learn does, which keeps probabilities from 0 by the precision of float64.
    found = metrics(Predictions(shares, truth), float(np.finfo(np.float64).eps))
    said, every = shares.argmax(axis=1), list(range(shares.shape[1]))
    assert found.accuracy == pytest.approx(accuracy_score(truth, said))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of images that are all of one class
        np.testing.assert_array_equal(found.confusion, confusion_matrix(truth, said, labels=every))
        scores = precision_recall_fscore_support(truth, said, labels=every, zero_division=np.nan)
        exact = shares.astype(np.float64)
        exact /= exact.sum(axis=1, keepdims=True)
        assert found.loss == pytest.approx(log_loss(truth, exact, labels=every), abs=1e-6)
    own = found.classes
    for mine, theirs in zip((own.precision, own.recall, own.f1, own.support), scores, strict=True):
        np.testing.assert_allclose(mine, theirs)
    two = np.sort(shares.astype(np.float64), axis=1)[:, -2:]
    np.testing.assert_array_equal(found.predictions.margin, two[:, 1] - two[:, 0])


@settings(max_examples=60)
@given(cases())
def test_calibration_is_that_of_scikit_learn_and_its_error_as_defined(case: Case) -> None:
    shares, truth = case
    found = metrics(Predictions(shares, truth))
    correct, sure = found.predictions.correct, shares.max(axis=1).astype(np.float64)
    told = found.calibration
    accuracy, confidence = calibration_curve(correct, sure, n_bins=10)
    np.testing.assert_allclose(told["correct"], accuracy)
    np.testing.assert_allclose(told["confidence"], confidence)
    assert told["images"].sum() == len(truth)
    error = 0.0
    for low in np.linspace(0, 1, 11)[:-1]:
        held = (sure > low) & (sure <= np.nextafter(low + 0.1, 2))
        if held.any():
            error += abs(correct[held].mean() - sure[held].mean()) * held.mean()
    assert found.calibration_error == pytest.approx(error, abs=1e-9)


@pytest.mark.parametrize("epoch", [0, 30])
def test_a_run_comes_to_what_keras_recorded_while_it_was_trained(epoch: int) -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    found = example_metrics(epoch)
    recorded = run.epochs[epoch]
    assert found.accuracy == pytest.approx(recorded.validation_accuracy, abs=1e-6)
    assert found.loss == pytest.approx(recorded.validation_loss, abs=1e-5)


def test_a_probability_of_zero_has_a_large_loss_but_not_an_endless_one() -> None:
    shares = np.array([[1, 0], [0, 1]], np.float32)
    truth = np.array([1, 1])
    assert metrics(Predictions(shares, truth)).losses.tolist() == pytest.approx(
        [103.28, 0], abs=0.01
    )
    assert metrics(Predictions(shares, truth), 2.0**-24).losses[0] == pytest.approx(24 * np.log(2))


def test_answers_that_are_no_numbers_and_none_at_all_are_told() -> None:
    shares = np.full((3, 2), 0.5, np.float32)
    shares[1:] = np.nan
    with pytest.raises(MetricsError, match="2 of 3 test images"):
        metrics(Predictions(shares, np.zeros(3, np.int64)))
    with pytest.raises(MetricsError, match="no test images"):
        metrics(Predictions(shares[:0], np.zeros(0, np.int64)))


def test_the_images_behind_a_cell_are_found_as_one_would_count_them() -> None:
    found = example_metrics(30)
    shares, truth = found.predictions.probabilities, found.predictions.true_labels
    shirt, top = (
        example_dataset().classes.index("Shirt"),
        example_dataset().classes.index("T-shirt/top"),
    )
    pair = confusion_pair(found.predictions, shirt, top)
    both = list(zip(truth.tolist(), shares.argmax(axis=1).tolist(), strict=True))
    behind = [at for at, one in enumerate(both) if one == (shirt, top)]
    assert sorted(pair.images.tolist()) == behind
    assert len(behind) == found.confusion[shirt, top]
    given_top = [float(shares[at, top]) for at in pair.images]
    assert given_top == sorted(given_top, reverse=True)
    assert pair.predicted_probability == pytest.approx(np.mean(given_top), rel=1e-6)
    assert pair.actual_probability == pytest.approx(np.mean(shares[behind, shirt]), rel=1e-6)
    ranks = [np.argsort(-shares[at])[1] for at in behind]
    assert pair.runner_up == sum(rank == shirt for rank in ranks)
    for places, kind in ((pair.correct_of_predicted, top), (pair.correct_of_actual, shirt)):
        assert places.tolist() == [at for at, one in enumerate(both) if one == (kind, kind)]


def test_a_pair_that_never_happens_has_no_images_and_means_of_zero() -> None:
    predictions = Predictions(np.eye(3, dtype=np.float32), np.arange(3))
    pair = confusion_pair(predictions, 0, 1)
    assert not len(pair.images)
    assert (pair.actual_probability, pair.predicted_probability, pair.runner_up) == (0, 0, 0)


def test_the_most_frequent_mistake_is_off_the_diagonal() -> None:
    confusion = np.array([[90, 8, 0], [1, 80, 2], [0, 9, 70]])
    assert most_frequent_mistake(confusion) == (2, 1)
    assert most_frequent_mistake(np.diag([5, 6, 7])) == (0, 0)


def test_mean_images_and_their_distance_are_numpys() -> None:
    images = np.random.default_rng(1).integers(0, 256, (5, 4, 4, 1), dtype=np.uint8)
    np.testing.assert_allclose(mean_image(images), images.astype(float).sum(axis=0) / 5)
    one, other = images[0].astype(float), images[1].astype(float)
    assert distance(one, other) == distance(other, one) == np.abs(one - other).mean()


@pytest.mark.parametrize("edge", [0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0])
def test_a_confidence_on_an_edge_counts_in_the_bin_below_as_in_scikit_learn(edge: float) -> None:
    """Naeini et al. (2015) and scikit-learn take the bins as open below and closed above."""
    edge = float(np.linspace(0, 1, 11)[round(10 * edge)])
    confidence = np.array([edge, edge, np.nextafter(edge, 0), 0.95])
    correct = np.array([True, False, True, True])
    found = calibration(confidence, correct)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10)
    np.testing.assert_allclose(found["correct"], accuracy)
    np.testing.assert_allclose(found["confidence"], mean)
    assert found.index[0] < edge - 1e-9 and found["images"].iloc[0] >= 3


def example_metrics(epoch: int) -> Metrics:
    """The numbers about the example run's predictions after an epoch."""
    store = services.run_store()
    run = store.run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    images = data.dataset.images[data.test]
    weights = store.weights(run.id, epoch)
    shares = probabilities(services.run_plan(run), weights, images)
    return metrics(Predictions(shares, data.labels[data.test]))
