"""The training of one network, as it runs on a worker: epochs, events, commands and how it ends."""

import time
from collections.abc import Callable
from math import ceil, isfinite

import keras
import numpy as np
from numpy.typing import NDArray

from cnn.network.keras_model import BUILDING
from cnn.network.spec import Network
from cnn.training.events import Checkpoint, Command, EpochEnd, Outcome, Point, TrainingData
from cnn.training.job import LEARNING_RATE, Settings
from cnn.training.worker.learner import Learner

_POINTS_PER_EPOCH = 6
_IMAGES_PER_POINT = 4096
_POLL_SECONDS = 0.05


def train(
    network: Network,
    settings: Settings,
    data: TrainingData,
    start: Checkpoint | None,
    report: Callable[[Point | EpochEnd], None],
    command: Callable[[], Command],
) -> Outcome:
    """Train `network` up to `settings.epochs`, from scratch or on from `start`.

    Reports an `EpochEnd` for each epoch (from scratch or a fresh start also for the network before it
    learns) and several `Point`s within each. Asks `command` after every point: "pause" waits, "stop" ends the
    run without the unfinished epoch.

    The same arguments give the same numbers to the bit on one machine, and going on from a
    checkpoint gives those of a training that was never interrupted. Its end clears Keras's state of
    the whole process: run one at a time in each, and others beside it by `learn`.

    Raises NetworkError when the network does not fit the images, and ValueError when the
    checkpoint is not one of this network and optimiser.
    """
    try:
        return learn(Learner(network, settings, data), settings, start, report, command)
    finally:
        with BUILDING:
            keras.utils.clear_session()


def learn(
    learner: Learner,
    settings: Settings,
    start: Checkpoint | None,
    report: Callable[[Point | EpochEnd], None],
    command: Callable[[], Command],
) -> Outcome:
    """What `train` does with a learner, without clearing Keras's state at the end."""
    if start is None:
        start = Checkpoint(0, learner.weights(), fresh=True)
    else:
        learner.restore(start.weights, start.resume)
    if start.fresh:
        report(_as_it_is(learner, settings, start.epoch))
    return _epochs(learner, settings, start, report, command)


def _epochs(
    learner: Learner,
    settings: Settings,
    start: Checkpoint,
    report: Callable[[Point | EpochEnd], None],
    command: Callable[[], Command],
) -> Outcome:
    best, best_epoch = start.best_validation_loss, start.best_epoch
    for epoch in range(start.epoch + 1, settings.epochs + 1):
        end = _epoch(learner, settings, epoch, report, command)
        if isinstance(end, Outcome):
            return end
        report(end)
        if end.validation_loss < best:
            best, best_epoch = end.validation_loss, epoch
        if settings.patience is not None and epoch - best_epoch >= settings.patience:
            return Outcome(
                "done",
                f"Stopped early after epoch {epoch}: the validation loss has not fallen below the"
                f" {best:.4f} of epoch {best_epoch} for {_epochs_in_words(epoch - best_epoch)}.",
            )
    return Outcome("done", f"Trained for {_epochs_in_words(settings.epochs)}, as asked.")


def _as_it_is(learner: Learner, settings: Settings, epoch: int) -> EpochEnd:
    """The network before it learns, as the end of an epoch."""
    began = time.perf_counter()
    return EpochEnd(
        epoch,
        *learner.training_quality(),
        *learner.validation_quality(),
        settings.learning_rate(1),
        time.perf_counter() - began,
        learner.weights(),
        learner.state(),
    )


def _epoch(
    learner: Learner,
    settings: Settings,
    epoch: int,
    report: Callable[[Point | EpochEnd], None],
    command: Callable[[], Command],
) -> EpochEnd | Outcome:
    """Train one epoch: its end, or the outcome of the run if it ends within."""
    began = time.perf_counter()
    paused = total = 0.0
    correct = seen = 0
    gradients = []
    rate = settings.learning_rate(epoch)
    order = np.random.default_rng([settings.seed, epoch]).permutation(learner.images)
    for part in _parts(order, settings.batch_size):
        part_loss, part_correct, part_gradients = learner.learn(part, rate)
        if not isfinite(part_loss):
            return _diverged(epoch, rate)
        total, correct, seen = total + part_loss, correct + part_correct, seen + len(part)
        gradients.append(part_gradients)
        report(
            Point(epoch - 1 + seen / len(order), part_loss / len(part), part_correct / len(part))
        )
        waiting = time.perf_counter()
        if _told_to_stop(command):
            return Outcome(
                "stopped",
                f"Stopped in epoch {epoch}, as asked; the whole epochs before it are kept.",
            )
        paused += time.perf_counter() - waiting
    validation_loss, validation_accuracy = learner.validation_quality()
    if not isfinite(validation_loss):
        return _diverged(epoch, rate)
    return EpochEnd(
        epoch,
        total / len(order),
        correct / len(order),
        validation_loss,
        validation_accuracy,
        rate,
        time.perf_counter() - began - paused,
        learner.weights(),
        learner.state(),
        tuple(np.mean(gradients, axis=0).tolist()),
    )


def _parts(order: NDArray[np.int64], batch_size: int) -> list[NDArray[np.int64]]:
    """The images of an epoch, cut between batches: what is learned from one point to the next."""
    batches = ceil(len(order) / batch_size)
    points = min(batches, max(_POINTS_PER_EPOCH, ceil(len(order) / _IMAGES_PER_POINT)))
    cuts = [round(batches * point / points) * batch_size for point in range(1, points)]
    return np.split(order, cuts)


def _told_to_stop(command: Callable[[], Command]) -> bool:
    """Ask for a command and wait as long as it is to pause."""
    while (told := command()) == "pause":
        time.sleep(_POLL_SECONDS)
    return told == "stop"


def _diverged(epoch: int, learning_rate: float) -> Outcome:
    return Outcome(
        "diverged",
        f"In epoch {epoch} the loss was no longer a finite number: the steps were too large."
        f" Try a learning rate ten times smaller, {max(learning_rate / 10, LEARNING_RATE.low):g}.",
    )


def _epochs_in_words(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"
