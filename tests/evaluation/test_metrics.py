"""The numbers about a network's answers, against scikit-learn, Keras's own record, and by hand."""

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

from cnn.data.example import shipped
from cnn.evaluation.confusion_pairs import confused
from cnn.evaluation.metrics import Metrics, MetricsError, metrics
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
    found = metrics(shares, truth, float(np.finfo(np.float64).eps))
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
    np.testing.assert_array_equal(found.margin, two[:, 1] - two[:, 0])


@settings(max_examples=60)
@given(cases())
def test_calibration_is_that_of_scikit_learn_and_its_error_as_defined(case: Case) -> None:
    shares, truth = case
    found = metrics(shares, truth)
    sure, told = shares.max(axis=1).astype(np.float64), found.calibration
    right, confidence = calibration_curve(found.right, sure, n_bins=10)
    np.testing.assert_allclose(told.right, right)
    np.testing.assert_allclose(told.confidence, confidence)
    assert told.counts.sum() == len(truth)
    error = 0.0
    for low in np.linspace(0, 1, 11)[:-1]:
        held = (sure > low) & (sure <= np.nextafter(low + 0.1, 2))
        if held.any():
            error += abs(found.right[held].mean() - sure[held].mean()) * held.mean()
    assert told.error == pytest.approx(error, abs=1e-9)


@pytest.mark.parametrize("epoch", [0, 30])
def test_a_run_comes_to_what_keras_recorded_while_it_was_trained(epoch: int) -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    found, _ = answers(epoch)
    recorded = run.epochs[epoch]
    assert found.accuracy == pytest.approx(recorded.validation_accuracy, abs=1e-6)
    assert found.loss == pytest.approx(recorded.validation_loss, abs=1e-5)


def test_a_probability_of_zero_has_a_large_loss_but_not_an_endless_one() -> None:
    shares = np.array([[1, 0], [0, 1]], np.float32)
    truth = np.array([1, 1])
    assert metrics(shares, truth).losses.tolist() == pytest.approx([103.28, 0], abs=0.01)
    assert metrics(shares, truth, 2.0**-24).losses[0] == pytest.approx(24 * np.log(2))


def test_answers_that_are_no_numbers_and_none_at_all_are_told() -> None:
    shares = np.full((3, 2), 0.5, np.float32)
    shares[1:] = np.nan
    with pytest.raises(MetricsError, match=r"2 of 3 test images .* no numbers"):
        metrics(shares, np.zeros(3, np.int64))
    with pytest.raises(MetricsError, match="no test images"):
        metrics(shares[:0], np.zeros(0, np.int64))


def test_the_images_behind_a_cell_are_found_as_one_would_count_them() -> None:
    found, shares = answers(30)
    shirt, top = shipped().classes.index("Shirt"), shipped().classes.index("T-shirt/top")
    told = confused(shares, found.truth, shirt, top)
    pairs = list(zip(found.truth.tolist(), shares.argmax(axis=1).tolist(), strict=True))
    behind = [at for at, pair in enumerate(pairs) if pair == (shirt, top)]
    assert sorted(told.images.tolist()) == behind
    assert len(behind) == found.confusion[shirt, top]
    given_top = [float(shares[at, top]) for at in told.images]
    assert given_top == sorted(given_top, reverse=True)
    assert told.given_said == pytest.approx(np.mean(given_top), rel=1e-6)
    assert told.given_true == pytest.approx(np.mean(shares[behind, shirt]), rel=1e-6)
    ranks = [np.argsort(-shares[at])[1] for at in behind]
    assert told.runner_up == sum(rank == shirt for rank in ranks)
    assert told.right_said.tolist() == [at for at, pair in enumerate(pairs) if pair == (top, top)]


def answers(epoch: int) -> tuple[Metrics, NDArray[np.float32]]:
    """The shipped run's probabilities after an epoch, and the numbers about them."""
    store = services.run_store()
    run = store.run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    images = data.dataset.images[data.test]
    weights = store.weights(run.id, epoch)
    shares = probabilities(services.run_plan(run), weights, images)
    return metrics(shares, data.labels[data.test]), shares
