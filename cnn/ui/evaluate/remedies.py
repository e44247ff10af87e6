"""What may fix a finding: the run's own network and settings with one change, on the page to make it."""

from dataclasses import dataclass, replace
from typing import Literal

from cnn.evaluation.health.measurements import Cause, HealthInput, LayerUnits
from cnn.inspection.units import Unit, to_text
from cnn.network.layers import BatchNormalization, Convolution, Layer
from cnn.network.spec import Activation, Network
from cnn.training.job import LEARNING_RATE, Settings
from cnn.ui.common import formatting

PageName = Literal["Build", "Train", "Data", "Inspect"]
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

LEAKY = Activation("leaky_relu", 0.1)
"""What replaces a ReLU with dead units: below 0 it passes a tenth."""


@dataclass(frozen=True)
class Remedy:
    """One change that may help, made on `page`: another network, other settings, or a unit to look at.

    `unit` is a unit or a map, as a URL names it.
    """

    change: Change
    label: str
    page: PageName
    network: Network | None = None
    settings: Settings | None = None
    unit: str | None = None


MORE_IMAGES = Remedy("more_images", "Choose more training images", "Data")
CHECK_LABELS = Remedy("check_labels", "Check the labels", "Data")
BALANCE_CLASSES = Remedy("balance_classes", "Choose classes and images", "Data")


def for_cause(given: HealthInput, cause: Cause) -> tuple[Remedy, ...]:
    """What helps a network that does not learn for this reason; nothing where it is unknown."""
    match cause:
        case "steps_too_large":
            return (slower(given),)
        case "steps_too_small":
            return (faster(given),)
        case "blocked_gradient":
            return (let_gradient_through(given),)
        case "unknown":
            return ()


def slower(given: HealthInput) -> Remedy:
    """A tenth of the learning rate."""
    settings = at_rate(given.run.job.settings, 0.1)
    return Remedy("slower", f"Train again at {_rate(settings)}", "Train", settings=settings)


def faster(given: HealthInput) -> Remedy:
    """Ten times the learning rate; instead of SGD, whose steps shrink with the gradient, Adam."""
    settings = given.run.job.settings
    if settings.optimizer == "sgd":
        adam = replace(settings, optimizer="adam", momentum=0.0)
        adam = at_rate(adam, 0.001 / settings.learning_rate(1))
        return Remedy("adam", "Train again with Adam", "Train", settings=adam)
    settings = at_rate(settings, 10)
    return Remedy("faster", f"Train again at {_rate(settings)}", "Train", settings=settings)


def let_gradient_through(given: HealthInput) -> Remedy:
    """ReLU for all sigmoid and tanh; else batch normalization; else larger steps."""
    network = given.run.job.network
    freed = network
    for layer in given.plan.layers[:-1]:
        if isinstance(layer.operation, Activation) and layer.operation.name in ("sigmoid", "tanh"):
            freed = with_activation(freed, layer, Activation("relu"))
    if freed != network:
        return Remedy("relu", "Replace sigmoid and tanh by ReLU", "Build", network=freed)
    kinds = [type(one.operation) for one in given.plan.layers]
    if kinds.count(BatchNormalization) < kinds.count(Convolution):
        blocks = tuple(replace(block, batch_normalization=True) for block in network.blocks)
        return Remedy(
            "batch_normalization",
            "Add batch normalization to every block",
            "Build",
            network=replace(network, blocks=blocks),
        )
    return faster(given)


def relu(given: HealthInput, layer: Layer) -> Remedy:
    """ReLU in the place of one activation."""
    network = with_activation(given.run.job.network, layer, Activation("relu"))
    return Remedy("relu", f"Switch {layer_name(layer)} to ReLU", "Build", network=network)


def leaky_relu(given: HealthInput, layer: Layer) -> Remedy:
    """Leaky ReLU in the place of one ReLU."""
    network = with_activation(given.run.job.network, layer, LEAKY)
    return Remedy(
        "leaky_relu", f"Switch {layer_name(layer)} to leaky ReLU", "Build", network=network
    )


def fewer_filters(given: HealthInput, block: int, filters: int) -> Remedy:
    """Another number of filters in the convolution block of this number, from 0."""
    network = given.run.job.network
    blocks = list(network.blocks)
    blocks[block] = replace(blocks[block], filters=filters)
    several = "filter" if filters == 1 else "filters"
    return Remedy(
        "fewer_filters",
        f"Try {filters} {several} in Convolution {block + 1}",
        "Build",
        network=replace(network, blocks=tuple(blocks)),
    )


def early_stopping(given: HealthInput) -> Remedy | None:
    """Early stopping, None where the run has it already."""
    settings = given.run.job.settings
    if settings.patience is not None:
        return None
    return Remedy(
        "early_stopping",
        "Train again with early stopping",
        "Train",
        settings=replace(settings, patience=PATIENCE),
    )


def dropout(given: HealthInput) -> Remedy | None:
    """Dropout in the last hidden layer or block, None where it has some already."""
    network = given.run.job.network
    if network.dense:
        *layers, last = network.dense
        had = last.dropout
        changed = replace(network, dense=(*layers, replace(last, dropout=0.3)))
    elif network.blocks:
        *blocks, end = network.blocks
        had = end.dropout
        changed = replace(network, blocks=(*blocks, replace(end, dropout=0.3)))
    else:
        return None
    return None if had else Remedy("dropout", "Add dropout", "Build", network=changed)


def look_at(given: HealthInput, units: LayerUnits, number: int) -> Remedy:
    """One unit or filter, counted from 0, to look at on Inspect."""
    unit = to_text(Unit(units.layer.name, number), given.plan)
    return Remedy("inspect", f"Look at {unit_kind(units)} {number + 1}", "Inspect", unit=unit)


def unit_kind(units: LayerUnits, count: int = 1) -> str:
    """What the layer's outputs are called: filters where it has maps."""
    kind = "filter" if len(units.layer.output_shape) == 3 else "unit"
    return kind if count == 1 else f"{kind}s"


def layer_name(layer: Layer) -> str:
    """A layer as sentences name it; an activation goes by the layer whose outputs it reads."""
    if isinstance(layer.operation, Activation):
        assert layer.block is not None
        kind = "Dense" if layer.name.startswith("dense") else "Convolution"
        return f"{kind} {layer.block + 1}"
    return formatting.layer_title(layer)


def with_activation(network: Network, layer: Layer, activation: Activation) -> Network:
    """The network with another activation in the place of the one that `layer` is."""
    assert layer.block is not None
    if layer.name.startswith("dense"):
        dense = list(network.dense)
        dense[layer.block] = replace(dense[layer.block], activation=activation)
        return replace(network, dense=tuple(dense))
    blocks = list(network.blocks)
    blocks[layer.block] = replace(blocks[layer.block], activation=activation)
    return replace(network, blocks=tuple(blocks))


def at_rate(settings: Settings, factor: float) -> Settings:
    """The settings with every learning rate multiplied by `factor`, within what is allowed."""
    low, high = LEARNING_RATE
    phases = (
        replace(one, learning_rate=min(high, max(low, float(f"{one.learning_rate * factor:.6g}"))))
        for one in settings.phases
    )
    return replace(settings, phases=tuple(phases))


def _rate(settings: Settings) -> str:
    return f"{settings.learning_rate(1):g}"
