"""What may fix what a check has found: the run's own network and settings with one change."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from cnn.evaluation.health.health_input import HealthInput
from cnn.evaluation.health.signals import Cause
from cnn.network.layers import BatchNormalization, Convolution, Dropout, Layer
from cnn.network.spec import Activation, Network
from cnn.training.job import LEARNING_RATE, Settings

Change = Literal[
    "slower",
    "faster",
    "adam",
    "relu",
    "leaky_relu",
    "batch_normalization",
    "fewer_filters",
    "early_stopping",
    "dropout",
    "more_images",
    "check_labels",
    "balance_classes",
    "inspect",
]

PATIENCE = 3
"""Epochs that early stopping waits for a smaller validation loss."""

RELU = Activation("relu")
LEAKY = Activation("leaky_relu", 0.1)
"""What replaces a ReLU with dead units: below 0 it passes a tenth."""


@dataclass(frozen=True)
class Remedy:
    """One change that may help: another network, other settings, a unit to look at, or else other data.

    `layer` is the one layer it is about, if there is one; `number` how many filters to try there, or
    which unit to look at, from 0.
    """

    change: Change
    network: Network | None = None
    settings: Settings | None = None
    layer: Layer | None = None
    number: int | None = None


MORE_IMAGES = Remedy("more_images")
CHECK_LABELS = Remedy("check_labels")
BALANCE_CLASSES = Remedy("balance_classes")


def for_cause(given: HealthInput, cause: Cause) -> Remedy | None:
    """What helps a network that does not learn for this reason; None where it is unknown."""
    helping: dict[Cause, Callable[[HealthInput], Remedy]] = {
        "steps_too_large": slower,
        "steps_too_small": faster,
        "blocked_gradient": let_gradient_through,
    }
    return helping[cause](given) if cause in helping else None


def slower(given: HealthInput) -> Remedy:
    """A tenth of the learning rate."""
    return Remedy("slower", settings=at_rate(given.run.job.settings, 0.1))


def faster(given: HealthInput) -> Remedy:
    """Ten times the learning rate; instead of SGD, whose steps shrink with the gradient, Adam."""
    settings = given.run.job.settings
    if settings.optimizer == "sgd":
        adam = replace(settings, optimizer="adam", momentum=0.0)
        adam = at_rate(adam, 0.001 / settings.learning_rate(1))
        return Remedy("adam", settings=adam)
    return Remedy("faster", settings=at_rate(settings, 10))


def let_gradient_through(given: HealthInput) -> Remedy:
    """ReLU for all sigmoid and tanh; else batch normalization; else larger steps."""
    network = freed = given.run.job.network
    for layer in given.plan.layers[:-1]:
        if isinstance(layer.operation, Activation) and layer.operation.name in ("sigmoid", "tanh"):
            freed = _changed(freed, layer, activation=RELU)
    if freed != network:
        return Remedy("relu", freed)
    kinds = [type(one.operation) for one in given.plan.layers]
    if kinds.count(BatchNormalization) < kinds.count(Convolution):
        blocks = tuple(replace(block, batch_normalization=True) for block in network.blocks)
        return Remedy("batch_normalization", replace(network, blocks=blocks))
    return faster(given)


def switch_to(kind: Literal["relu", "leaky_relu"], given: HealthInput, layer: Layer) -> Remedy:
    """ReLU or leaky ReLU in the place of one activation."""
    activation = RELU if kind == "relu" else LEAKY
    network = _changed(given.run.job.network, layer, activation=activation)
    return Remedy(kind, network, layer=layer)


def fewer_filters(given: HealthInput, layer: Layer, filters: int) -> Remedy:
    """Another number of filters in one convolution."""
    network = _changed(given.run.job.network, layer, filters=filters)
    return Remedy("fewer_filters", network, layer=layer, number=filters)


def early_stopping(given: HealthInput) -> Remedy | None:
    """Early stopping, None where the run has it already."""
    settings = given.run.job.settings
    if settings.patience is not None:
        return None
    return Remedy("early_stopping", settings=replace(settings, patience=PATIENCE))


def dropout(given: HealthInput) -> Remedy | None:
    """Dropout in the last hidden layer or block, None where it has some already."""
    last = next((one for one in reversed(given.plan.layers) if one.block is not None), None)
    if last is None or isinstance(last.operation, Dropout):
        return None
    return Remedy("dropout", _changed(given.run.job.network, last, dropout=0.3))


def look_at(layer: Layer, number: int) -> Remedy:
    """A unit or filter of a layer, counted from 0, to look at."""
    return Remedy("inspect", layer=layer, number=number)


def at_rate(settings: Settings, factor: float) -> Settings:
    """The settings with every learning rate multiplied by `factor`, within what is allowed."""
    low, high = LEARNING_RATE
    phases = (
        replace(one, learning_rate=min(high, max(low, float(f"{one.learning_rate * factor:.6g}"))))
        for one in settings.phases
    )
    return replace(settings, phases=tuple(phases))


def _changed(network: Network, layer: Layer, **settings: Any) -> Network:
    """The network with other settings of the block or hidden layer that `layer` is part of."""
    assert layer.block is not None
    kind = "dense" if layer.name.startswith("dense") else "blocks"
    parts = list(getattr(network, kind))
    parts[layer.block] = replace(parts[layer.block], **settings)
    changed: dict[str, Any] = {kind: tuple(parts)}
    return replace(network, **changed)
