"""A small network with weights at hand, healthy unless a test changes it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cnn.data.split import DataChoice
from cnn.evaluation.health.activity import measure_activity
from cnn.evaluation.health.checks import Measurement, run_checks
from cnn.evaluation.health.classes import ClassBalance
from cnn.evaluation.health.health_input import HealthInput, NotApplicable
from cnn.evaluation.health.history import Progress
from cnn.evaluation.health.learning import WeightMovement
from cnn.inspection.forward import forward
from cnn.network.plan import Plan, plan
from cnn.network.spec import ConvolutionBlock, DenseLayer, Network
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import EpochRecord, Run
from tests.strategies import random_weights

NETWORK = Network((ConvolutionBlock(4, 3), ConvolutionBlock(5, 3)), dense=(DenseLayer(20),))
SHAPE = (16, 16, 1)
CLASSES = tuple("abc")
GRADIENTS = (0.02, 0.01, 0.005, 0.01)
ADAM = Settings((Phase(4, 0.001),), batch_size=8)
GOOD = [
    EpochRecord(0, 1.2, 0.3, 1.2, 0.3, 0.001, 1),
    EpochRecord(1, 0.8, 0.6, 0.7, 0.65, 0.001, 1, GRADIENTS),
    EpochRecord(2, 0.6, 0.7, 0.6, 0.7, 0.001, 1, GRADIENTS),
    EpochRecord(3, 0.5, 0.75, 0.55, 0.73, 0.001, 1, GRADIENTS),
    EpochRecord(4, 0.4, 0.78, 0.5, 0.76, 0.001, 1, GRADIENTS),
]


def is_flagged(measured: Measurement | NotApplicable) -> bool:
    """Whether a check found something to act on."""
    match measured:
        case NotApplicable():
            return False
        case Progress(kind=kind):
            return kind is not None
        case WeightMovement(flagged=flags) | ClassBalance(flagged=flags):
            return any(flags)
        case _:
            return bool(measured.flagged)


def tiles() -> np.ndarray:
    """Images of 4 x 4 gray tiles: unlike noise, they differ in what a unit sees."""
    tones = np.random.default_rng(3).integers(0, 256, (60, 4, 4, 1), dtype=np.uint8)
    return tones.repeat(4, axis=1).repeat(4, axis=2)


def settled(unrolled: Plan) -> np.ndarray:
    """Random weights with biases by which every filter and unit is above 0 half of the time."""
    weights = random_weights(unrolled, 1)
    for layer in unrolled.layers:
        if layer.weights:
            outputs = forward(unrolled, weights, tiles())[layer.name]
            middle = np.median(outputs.reshape(-1, outputs.shape[-1]), axis=0)
            unrolled.split(weights)[layer.weights[1].name][:] -= middle
    return weights


def health_input(
    network: Network = NETWORK,
    records: list[EpochRecord] = GOOD,
    change: Callable[[Plan, np.ndarray], Any] = lambda plan, weights: None,
    start: Callable[[np.ndarray, np.ndarray], np.ndarray | None] = lambda weights, before: before,
    images: tuple[int, ...] = (100, 110, 120),
    settings: Settings = ADAM,
) -> HealthInput:
    """A network of random weights; `change` changes them, `start` gives those of epoch 0."""
    unrolled = plan(network, SHAPE, len(CLASSES))
    weights = settled(unrolled)
    change(unrolled, weights)
    run = Run("a", Job(network, DataChoice("d"), settings), "done", "", 1, 1, epochs=tuple(records))
    return HealthInput(
        run,
        records[-1].epoch,
        unrolled,
        weights,
        start(weights, random_weights(unrolled, 2)),
        measure_activity(unrolled, weights, tiles()),
        CLASSES,
        images,
        60,
    )


def flagged(given: HealthInput) -> list[Any]:
    """The measurements that found something."""
    return [one for one in run_checks(given) if is_flagged(one)]


def skipped(given: HealthInput) -> dict[str, str]:
    """The checks that cannot be made, and why."""
    return {
        one.check.__name__: one.reason
        for one in run_checks(given)
        if isinstance(one, NotApplicable)
    }
