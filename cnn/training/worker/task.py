"""The training of one network, as it runs on a worker: epochs, events, commands and how it ends."""

import time
from math import ceil, isfinite

import keras
import numpy as np

from cnn.arrays import Numbers
from cnn.data.split import TrainingData
from cnn.network.keras import BUILDING
from cnn.network.spec import Network
from cnn.training.events import AskCommand, Checkpoint, EpochEnd, Outcome, Point, Report
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
    report: Report,
    command: AskCommand,
) -> Outcome:
    """Train `network` up to `settings.epochs`, from scratch or from `start`.

    Calls `report` with an `EpochEnd` for each epoch (also for the untrained network, if it starts
    from scratch or fresh) and with several `Point`s within each. Calls `command` after every point:
    "pause" makes it wait, "stop" ends the run without the unfinished epoch, "yield" with it.

    The same arguments give the same numbers to the bit on one machine, and a training that starts
    from a checkpoint gives those of one that was never interrupted. Its end clears Keras's state of
    the whole process: run one at a time in each process, and others next to it by `learn`.

    Raises NetworkError where the network does not fit the images, and ValueError where the
    checkpoint belongs to another network or optimizer.
    """
    try:
        return learn(Learner(network, settings, data), start, report, command)
    finally:
        with BUILDING:
            keras.utils.clear_session()


def learn(
    learner: Learner, start: Checkpoint | None, report: Report, command: AskCommand
) -> Outcome:
    """Do what `train` does, with a learner and without clearing Keras's state at the end."""
    settings = learner.settings
    if start is None:
        start = Checkpoint(0, learner.weights(), fresh=True)
    else:
        learner.restore(start.weights, start.resume)
    if start.fresh:
        report(_measured(learner, start.epoch))
    best, best_epoch = start.best_validation_loss, start.best_epoch
    for epoch in range(start.epoch + 1, settings.epochs + 1):
        end = _epoch(learner, epoch, report, command)
        if isinstance(end, Outcome):
            return end
        report(end)
        if end.validation_loss < best:
            best, best_epoch = end.validation_loss, epoch
        if settings.patience is not None and epoch - best_epoch >= settings.patience:
            return Outcome(
                "done",
                f"Stopped early after epoch {epoch}. The lowest validation loss, {best:.4f}, was {_epochs_in_words(epoch - best_epoch)} earlier.",
            )
        if epoch < settings.epochs and command() == "yield":
            return Outcome("stopped", f"Stopped after epoch {epoch}.")
    all_of = "all " if settings.epochs > 1 else ""
    return Outcome("done", f"Finished {all_of}{_epochs_in_words(settings.epochs)}.")


def _measured(learner: Learner, epoch: int) -> EpochEnd:
    """Measure the network before it learns, and return that as the end of an epoch."""
    began = time.perf_counter()
    return EpochEnd(
        epoch,
        *learner.quality("train"),
        *learner.quality("test"),
        learner.settings.learning_rate(1),
        time.perf_counter() - began,
        weights=learner.weights(),
        resume=learner.state(),
    )


def _epoch(learner: Learner, epoch: int, report: Report, command: AskCommand) -> EpochEnd | Outcome:
    """Train one epoch; return its end, or the outcome of the run if the run ends within it."""
    began = time.perf_counter()
    paused = total = 0.0
    correct = seen = 0
    gradients = []
    settings = learner.settings
    rate = settings.learning_rate(epoch)
    order = np.random.default_rng([settings.seed, epoch]).permutation(learner.images)
    for part in _split_at_points(order, settings.batch_size):
        part_loss, part_correct, part_gradients = learner.learn(part, rate)
        if not isfinite(part_loss):
            return _diverged(epoch, rate)
        total, correct, seen = total + part_loss, correct + part_correct, seen + len(part)
        gradients.append(part_gradients)
        report(
            Point(epoch - 1 + seen / len(order), part_loss / len(part), part_correct / len(part))
        )
        waiting = time.perf_counter()
        if _must_stop(command):
            return Outcome("stopped", f"Stopped in epoch {epoch}. Finished epochs are kept.")
        paused += time.perf_counter() - waiting
    validation_loss, validation_accuracy = learner.quality("test")
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
        tuple(np.mean(gradients, axis=0).tolist()),
        weights=learner.weights(),
        resume=learner.state(),
    )


def _split_at_points(order: Numbers, batch_size: int) -> list[Numbers]:
    """Split the images of an epoch between batches: one part for each `Point` to report."""
    batches = ceil(len(order) / batch_size)
    points = min(batches, max(_POINTS_PER_EPOCH, ceil(len(order) / _IMAGES_PER_POINT)))
    cuts = [round(batches * point / points) * batch_size for point in range(1, points)]
    return np.split(order, cuts)


def _must_stop(command: AskCommand) -> bool:
    """Ask for a command, and wait while it is to pause."""
    while (given := command()) == "pause":
        time.sleep(_POLL_SECONDS)
    return given == "stop"


def _diverged(epoch: int, learning_rate: float) -> Outcome:
    return Outcome(
        "diverged",
        f"The loss was no longer a finite number in epoch {epoch}. The learning rate is too high."
        f" Try one ten times smaller: {max(learning_rate / 10, LEARNING_RATE.low):g}.",
    )


def _epochs_in_words(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"
