"""The training on a worker, held against Keras's own `model.fit` and against itself."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from math import ceil

import keras
import numpy as np
import pytest

from cnn.data.split import TrainingData
from cnn.network.keras import build, flat_weights, set_flat_weights
from cnn.network.plan import plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling
from cnn.training.events import Checkpoint, Command, EpochEnd, Outcome, Point
from cnn.training.job import Phase, Settings
from cnn.training.worker.task import train

PLAIN = Network((ConvolutionBlock(4),), dense=(DenseLayer(16, Activation("sigmoid")),))
DROPOUT = Network(
    (
        ConvolutionBlock(4, padding="same", batch_normalization=True, dropout=0.2),
        ConvolutionBlock(6, 2, activation=Activation("tanh"), pooling=Pooling("average", 2, 1)),
    ),
    "global_average",
    (DenseLayer(12, dropout=0.3),),
)
NO_BLOCKS = Network(dense=(DenseLayer(10, Activation("leaky_relu", 0.1)),))
SIGMOID = Network((ConvolutionBlock(3),), output="sigmoid")


def blots(classes: int = 3, channels: int = 1) -> TrainingData:
    """8 x 8 noise, brighter in the rows of its class; 200 to learn from, 60 to validate on."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, classes, 260)
    images = generator.integers(0, 120, (260, 8, 8, channels), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 * label : 2 * label + 2] += 100
    return TrainingData(images[:200], labels[:200], images[200:], labels[200:], classes)


@dataclass
class Trained:
    """What a training reported, and how it ended."""

    events: list[Point | EpochEnd] = field(default_factory=list)
    outcome: Outcome | None = None

    @property
    def epochs(self) -> list[EpochEnd]:
        return [event for event in self.events if isinstance(event, EpochEnd)]

    @property
    def digest(self) -> str:
        """One word for every number but the seconds, to the bit."""
        numbers = hashlib.sha256()
        for event in self.events:
            if isinstance(event, EpochEnd):
                numbers.update(event.weights.tobytes() + event.resume)
                event = replace(event, seconds=0.0, weights=np.empty(0), resume=b"")
            numbers.update(repr(event).encode())
        return numbers.hexdigest()


def trained(
    network: Network,
    settings: Settings,
    data: TrainingData | None = None,
    start: Checkpoint | None = None,
    command: Callable[[], Command] = lambda: "go",
) -> Trained:
    result = Trained()
    data = data or blots()
    result.outcome = train(network, settings, data, start, result.events.append, command)
    return result


def epochs(number: int, **others: object) -> Settings:
    return Settings(**{"phases": (Phase(number, 0.01),), "batch_size": 32, **others})  # type: ignore[arg-type]


def fitted(
    network: Network, settings: Settings, data: TrainingData
) -> tuple[dict[str, list[float]], np.ndarray]:
    """History and weights of `model.fit` on the same batches, as a Keras user would write it."""
    size = settings.batch_size
    images = data.train_images.astype("float32") / 255
    targets = keras.utils.to_categorical(data.train_labels, data.classes)
    test_targets = keras.utils.to_categorical(data.test_labels, data.classes)
    if network.output == "sigmoid":
        targets, test_targets = targets[:, 1:], test_targets[:, 1:]

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for epoch in count(1):
            order = np.random.default_rng([settings.seed, epoch]).permutation(len(images))
            for first in range(0, len(order), size):
                batch = order[first : first + size]
                yield images[batch], targets[batch]

    model = build(plan(network, images.shape[1:], data.classes), settings.seed)
    rate = settings.learning_rate(1)
    model.compile(
        optimizer={
            "adam": keras.optimizers.Adam(rate),
            "sgd": keras.optimizers.SGD(rate, momentum=settings.momentum),
            "rmsprop": keras.optimizers.RMSprop(rate),
        }[settings.optimizer],
        loss="binary_crossentropy" if network.output == "sigmoid" else "categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(
        batches(),
        shuffle=False,
        steps_per_epoch=ceil(len(images) / size),
        epochs=settings.epochs,
        validation_data=(data.test_images.astype("float32") / 255, test_targets),
        verbose=0,
    )
    return history.history, flat_weights(model)


@pytest.mark.parametrize(
    ("network", "settings", "data", "tolerance"),
    [
        pytest.param(PLAIN, epochs(3), blots(), 0.0, id="Adam"),
        pytest.param(PLAIN, epochs(3, optimizer="sgd", momentum=0.9), blots(), 0.0, id="SGD"),
        # Its reciprocal square roots are rounded differently at the end of a vector.
        pytest.param(PLAIN, epochs(3, optimizer="rmsprop"), blots(), 1e-5, id="RMSprop"),
        pytest.param(DROPOUT, epochs(3), blots(channels=3), 0.0, id="dropout and normalization"),
        pytest.param(NO_BLOCKS, epochs(3), blots(), 0.0, id="no convolution"),
        pytest.param(SIGMOID, epochs(3), blots(classes=2), 0.0, id="sigmoid output"),
    ],
)
def test_trains_as_model_fit_does(
    network: Network, settings: Settings, data: TrainingData, tolerance: float
) -> None:
    history, weights = fitted(network, settings, data)
    ours = trained(network, settings, data).epochs[1:]
    np.testing.assert_allclose(ours[-1].weights, weights, rtol=0, atol=tolerance)
    for name, numbers in (
        ("loss", [end.loss for end in ours]),
        ("accuracy", [end.accuracy for end in ours]),
        ("val_loss", [end.validation_loss for end in ours]),
        ("val_accuracy", [end.validation_accuracy for end in ours]),
    ):
        np.testing.assert_allclose(numbers, history[name], rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("network", [PLAIN, DROPOUT])
def test_is_the_same_to_the_bit_every_time(network: Network) -> None:
    assert trained(network, epochs(2)).digest == trained(network, epochs(2)).digest


def test_is_the_same_to_the_bit_in_another_process() -> None:
    code = (
        "from tests.training.worker.test_task import DROPOUT, epochs, trained;"
        "print(trained(DROPOUT, epochs(2)).digest)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.split()[-1] == trained(DROPOUT, epochs(2)).digest


def test_another_seed_gives_other_numbers() -> None:
    assert trained(PLAIN, epochs(1)).digest != trained(PLAIN, epochs(1, seed=2)).digest


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_goes_on_from_a_checkpoint_as_if_never_interrupted(optimizer: str) -> None:
    whole = trained(DROPOUT, epochs(4, optimizer=optimizer))
    half = trained(DROPOUT, epochs(2, optimizer=optimizer))
    end = half.epochs[-1]
    rest = trained(
        DROPOUT,
        epochs(4, optimizer=optimizer),
        start=Checkpoint(end.epoch, end.weights, end.resume),
    )
    assert [end.epoch for end in rest.epochs] == [3, 4]
    assert Trained(half.events + rest.events).digest == whole.digest


def test_starts_from_edited_weights_with_a_fresh_optimizer() -> None:
    end = trained(PLAIN, epochs(1)).epochs[-1]
    start = Checkpoint(0, end.weights * 0.5, fresh=True)
    result = trained(PLAIN, epochs(1), start=start)
    assert [end.epoch for end in result.epochs] == [0, 1]
    np.testing.assert_array_equal(result.epochs[0].weights, start.weights)
    assert result.digest == trained(PLAIN, epochs(1), start=start).digest
    assert result.digest != trained(PLAIN, epochs(1)).digest


def test_a_fresh_start_is_measured_as_keras_evaluates_it() -> None:
    data = blots(channels=3)
    end = trained(DROPOUT, epochs(1), data).epochs[-1]
    start = Checkpoint(0, end.weights * 0.9, fresh=True)
    first = trained(DROPOUT, epochs(1), data, start=start).epochs[0]
    unrolled = plan(DROPOUT, (8, 8, 3), data.classes)
    model = build(unrolled, 1)
    set_flat_weights(model, unrolled, start.weights)
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    for images, labels, measured in (
        (data.train_images, data.train_labels, (first.loss, first.accuracy)),
        (data.test_images, data.test_labels, (first.validation_loss, first.validation_accuracy)),
    ):
        expected = model.evaluate(images.astype("float32") / 255, labels, verbose=0)
        np.testing.assert_allclose(measured, expected, rtol=1e-5)


def test_refuses_a_checkpoint_of_another_optimizer() -> None:
    end = trained(PLAIN, epochs(1, optimizer="sgd")).epochs[-1]
    with pytest.raises(ValueError):
        trained(PLAIN, epochs(2), start=Checkpoint(1, end.weights, end.resume))


def test_reports_points_and_epochs_in_order() -> None:
    result = trained(PLAIN, epochs(2))
    assert [end.epoch for end in result.epochs] == [0, 1, 2]
    points = [event for event in result.events if isinstance(event, Point)]
    assert len(points) == 12
    assert [point.epoch for point in points] == sorted({point.epoch for point in points})
    assert points[5].epoch == 1.0 and points[-1].epoch == 2.0
    assert all(0 <= point.accuracy <= 1 and point.loss > 0 for point in points)
    assert result.outcome.ending == "done" and "2 epochs" in result.outcome.message


def test_an_epoch_of_one_batch_has_one_point() -> None:
    result = trained(PLAIN, epochs(1, batch_size=1024))
    assert [type(event) for event in result.events] == [EpochEnd, Point, EpochEnd]


def test_says_that_it_diverged_and_what_to_try() -> None:
    linear = DenseLayer(32, Activation("linear"))
    network = Network(dense=(linear, linear, linear))
    settings = Settings((Phase(20, 10.0),), batch_size=32, optimizer="sgd")
    outcome = trained(network, settings).outcome
    assert outcome is not None and outcome.ending == "diverged"
    assert re.findall(r"\d+", outcome.message) == ["1", "1"]  # in epoch 1; try a rate of 1


def test_stops_at_once_and_without_the_unfinished_epoch() -> None:
    answers = iter(["go"] * 8 + ["stop"])
    result = trained(PLAIN, epochs(5), command=lambda: next(answers))
    assert [end.epoch for end in result.epochs] == [0, 1]
    assert isinstance(result.events[-1], Point)
    assert result.outcome is not None and result.outcome.ending == "stopped"
    assert "epoch 2" in result.outcome.message


def test_a_pause_changes_no_number() -> None:
    answers = iter(["go", "pause", "pause", *["go"] * 20])
    paused = trained(PLAIN, epochs(1), command=lambda: next(answers))
    assert paused.digest == trained(PLAIN, epochs(1)).digest


def test_can_be_stopped_while_it_is_paused() -> None:
    answers = iter(["pause", "pause", "stop"])
    result = trained(PLAIN, epochs(1), command=lambda: next(answers))
    assert result.outcome is not None and result.outcome.ending == "stopped"


def test_stops_early_when_the_validation_loss_no_longer_falls() -> None:
    settings = epochs(40, optimizer="sgd", momentum=0.99, patience=2)
    result = trained(PLAIN, settings)
    losses = [end.validation_loss for end in result.epochs[1:]]
    assert len(losses) < 40
    assert min(losses[-2:]) >= min(losses[:-2])
    assert result.outcome is not None and result.outcome.ending == "done"
    assert "2 epochs" in result.outcome.message


def test_a_checkpoint_keeps_the_count_of_early_stopping() -> None:
    end = trained(PLAIN, epochs(1)).epochs[-1]
    start = Checkpoint(1, end.weights, end.resume, best_validation_loss=0.0, best_epoch=0)
    result = trained(PLAIN, epochs(9, patience=3), start=start)
    assert [end.epoch for end in result.epochs] == [2, 3]


def test_each_phase_has_its_learning_rate() -> None:
    settings = Settings((Phase(1, 0.01), Phase(2, 0.001)), batch_size=32)
    phased = trained(PLAIN, settings).epochs
    assert [end.learning_rate for end in phased] == [0.01, 0.01, 0.001, 0.001]
    constant = trained(PLAIN, epochs(3)).epochs
    assert np.array_equal(phased[1].weights, constant[1].weights)
    assert not np.array_equal(phased[2].weights, constant[2].weights)
