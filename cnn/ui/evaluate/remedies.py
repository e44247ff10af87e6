"""What may fix a finding: the run's own network and settings with one change."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from cnn.evaluation.health.measurements import Cause, HealthInput, LayerUnits
from cnn.inspection.units import Unit, to_text
from cnn.network.layers import BatchNormalization, Convolution, Dropout, Layer
from cnn.network.spec import Activation, Network
from cnn.training.job import LEARNING_RATE, Settings
from cnn.ui.common import formatting
from cnn.ui.common.navigation import BUILD, DATA, INSPECT, TRAIN

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

    `unit` is a unit or a map, as a URL names it.
    """

    change: Change
    label: str
    network: Network | None = None
    settings: Settings | None = None
    unit: str | None = None

    @property
    def page(self) -> str:
        """The page on which to make the change."""
        if self.network:
            return BUILD
        if self.settings:
            return TRAIN
        return INSPECT if self.unit else DATA


MORE_IMAGES = Remedy("more_images", "Choose more training images")
CHECK_LABELS = Remedy("check_labels", "Check the labels")
BALANCE_CLASSES = Remedy("balance_classes", "Choose classes and images")


def for_cause(given: HealthInput, cause: Cause) -> Remedy | None:
    """What helps a network that does not learn for this reason; None where it is unknown."""
    match cause:
        case "steps_too_large":
            return slower(given)
        case "steps_too_small":
            return faster(given)
        case "blocked_gradient":
            return let_gradient_through(given)
        case "unknown":
            return None


def slower(given: HealthInput) -> Remedy:
    """A tenth of the learning rate."""
    settings = at_rate(given.run.job.settings, 0.1)
    return Remedy("slower", f"Train again at {settings.learning_rate(1):g}", settings=settings)


def faster(given: HealthInput) -> Remedy:
    """Ten times the learning rate; instead of SGD, whose steps shrink with the gradient, Adam."""
    settings = given.run.job.settings
    if settings.optimizer == "sgd":
        adam = replace(settings, optimizer="adam", momentum=0.0)
        adam = at_rate(adam, 0.001 / settings.learning_rate(1))
        return Remedy("adam", "Train again with Adam", settings=adam)
    settings = at_rate(settings, 10)
    return Remedy("faster", f"Train again at {settings.learning_rate(1):g}", settings=settings)


def let_gradient_through(given: HealthInput) -> Remedy:
    """ReLU for all sigmoid and tanh; else batch normalization; else larger steps."""
    network = freed = given.run.job.network
    for layer in given.plan.layers[:-1]:
        if isinstance(layer.operation, Activation) and layer.operation.name in ("sigmoid", "tanh"):
            freed = _changed(freed, layer, activation=RELU)
    if freed != network:
        return Remedy("relu", "Replace sigmoid and tanh by ReLU", freed)
    kinds = [type(one.operation) for one in given.plan.layers]
    if kinds.count(BatchNormalization) < kinds.count(Convolution):
        blocks = tuple(replace(block, batch_normalization=True) for block in network.blocks)
        label = "Add batch normalization to every block"
        return Remedy("batch_normalization", label, replace(network, blocks=blocks))
    return faster(given)


def switch_to(kind: Literal["relu", "leaky_relu"], given: HealthInput, layer: Layer) -> Remedy:
    """ReLU or leaky ReLU in the place of one activation."""
    activation, name = (RELU, "ReLU") if kind == "relu" else (LEAKY, "leaky ReLU")
    network = _changed(given.run.job.network, layer, activation=activation)
    return Remedy(kind, f"Switch {layer_name(layer)} to {name}", network)


def fewer_filters(given: HealthInput, layer: Layer, filters: int) -> Remedy:
    """Another number of filters in one convolution."""
    label = f"Try {formatting.counted(filters, 'filter')} in {layer_name(layer)}"
    return Remedy("fewer_filters", label, _changed(given.run.job.network, layer, filters=filters))


def early_stopping(given: HealthInput) -> Remedy | None:
    """Early stopping, None where the run has it already."""
    settings = given.run.job.settings
    if settings.patience is not None:
        return None
    stopping = replace(settings, patience=PATIENCE)
    return Remedy("early_stopping", "Train again with early stopping", settings=stopping)


def dropout(given: HealthInput) -> Remedy | None:
    """Dropout in the last hidden layer or block, None where it has some already."""
    last = next((one for one in reversed(given.plan.layers) if one.block is not None), None)
    if last is None or isinstance(last.operation, Dropout):
        return None
    return Remedy("dropout", "Add dropout", _changed(given.run.job.network, last, dropout=0.3))


def look_at(given: HealthInput, units: LayerUnits, number: int) -> Remedy:
    """One unit or filter, counted from 0, to look at on Inspect."""
    unit = to_text(Unit(units.layer.name, number), given.plan)
    return Remedy("inspect", f"Look at {unit_kind(units)} {number + 1}", unit=unit)


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
