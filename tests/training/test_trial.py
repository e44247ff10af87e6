"""Small trainings: the numbers of a run, though another network learns beside them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cnn.data.example import EXAMPLE_DATASET, example_dataset
from cnn.data.split import DataChoice, choose, training_data
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network
from cnn.training.events import EpochEnd, Point
from cnn.training.job import Phase, Settings
from cnn.training.trial import VALIDATED, Trial, trial, trial_data
from cnn.training.worker.task import train

NETWORK = Network(
    (ConvolutionBlock(2, 5, stride=3, dropout=0.2),), dense=(DenseLayer(4, dropout=0.3),)
)
SETTINGS = Settings((Phase(1, 0.01),), batch_size=16)
IMAGES = 40


def run(beside: Callable[[], None]) -> list[EpochEnd]:
    """A run on the same images; after each epoch `beside` is called."""
    ends: list[EpochEnd] = []

    def report(event: Point | EpochEnd) -> None:
        if isinstance(event, EpochEnd):
            ends.append(event)
            beside()

    train(NETWORK, SETTINGS, trial_data(IMAGES), None, report, lambda: "go")
    return ends


def test_a_trial_has_the_numbers_of_a_run_and_disturbs_none_beside_it() -> None:
    trials: list[Trial] = []
    alone = run(lambda: None)
    disturbed = run(lambda: trials.append(trial(NETWORK, SETTINGS, IMAGES)))
    for one, other in zip(alone, disturbed, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
    for found in trials:
        assert found.outcome.ending == "done"
        for told, end in zip(found.epochs, alone, strict=True):
            for name in ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy"):
                assert getattr(told, name) == getattr(end, name)
        assert found.best.validation_loss == min(end.validation_loss for end in alone)
        assert found.points[-1].epoch == SETTINGS.epochs
        assert found.seconds > 0


def test_its_images_are_those_that_a_tenth_of_the_data_would_train_on() -> None:
    data = trial_data(1000)
    tenth = training_data(choose(example_dataset(), DataChoice(EXAMPLE_DATASET, train_share=0.1)))
    np.testing.assert_array_equal(data.train_images, tenth.train_images)
    np.testing.assert_array_equal(data.train_labels, tenth.train_labels)
    article = training_data(choose(example_dataset(), DataChoice(EXAMPLE_DATASET)))
    np.testing.assert_array_equal(data.test_images, article.test_images[:VALIDATED])
    assert len(trial_data(IMAGES).train_labels) == IMAGES


def test_a_trial_that_diverges_says_so() -> None:
    linear = Network(
        (ConvolutionBlock(2, 5, stride=3, activation=Activation("linear"), pooling=None),)
    )
    wild = replace(SETTINGS, phases=(Phase(4, 10.0),), optimizer="sgd", momentum=0.99)
    found = trial(linear, wild, IMAGES)
    assert found.outcome.ending == "diverged"
    assert "no longer a finite number" in found.outcome.message
