"""What an examination of a network comes to: findings with their evidence, and what may mend them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnn.inspection.features.saturation import Activity
from cnn.network.layers import BatchNormalisation, Convolution, Dense, Layer
from cnn.network.plan import Plan
from cnn.network.spec import Activation, Network
from cnn.training.job import LEARNING_RATE, Settings
from cnn.training.run import Run

Place = Literal["Build", "Train", "Data", "Inspect"]

Kind = Literal[
    "diverged",
    "dead",
    "rare",
    "twins",
    "saturated",
    "unmoved",
    "gradients",
    "plateau",
    "overfitting",
    "classes",
]


@dataclass(frozen=True, eq=False)
class HealthInput:
    """A network at an epoch of its run, with all that an examination reads.

    `weights` are flat, `start` those of epoch 0 (None: not kept). `activity` is that of every
    activation within the network, by its layer's name, on some test images; it is empty where the
    weights are not all finite. `images` is the number of training images of every class, `tested`
    the number of test images.
    """

    run: Run
    epoch: int
    plan: Plan
    weights: NDArray[np.float32]
    start: NDArray[np.float32] | None
    activity: Mapping[str, Activity]
    classes: tuple[str, ...]
    images: tuple[int, ...]
    tested: int


@dataclass(frozen=True)
class Bars:
    """A bar for each of several things; those of `ill` are what the finding is about.

    `threshold` is the value at which they begin to be. With `share` values are told as percent, with
    `powers` on a scale of powers of ten.
    """

    of: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    measure: str
    ill: tuple[bool, ...]
    threshold: float
    share: bool = True
    powers: bool = False


@dataclass(frozen=True)
class Twins:
    """Pairs of filters of a convolution, from 0, with the cosine of their kernels."""

    layer: str
    pairs: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True)
class GradientLines:
    """The root mean square of the gradient over each layer's weights, (epochs, layers)."""

    layers: tuple[str, ...]
    epochs: tuple[int, ...]
    sizes: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class History:
    """The run's own curve of "loss" or "accuracy", with an epoch to point out."""

    measure: Literal["loss", "accuracy"]
    marked: int


Evidence = Bars | Twins | GradientLines | History


@dataclass(frozen=True)
class Remedy:
    """What may mend it, on the page `place`: the run's own choices with one of them changed.

    `unit` is a number or a map to look at on Inspect, as an address names it.
    """

    label: str
    place: Place
    network: Network | None = None
    settings: Settings | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Finding:
    """Something that may be wrong: `sentence` says what with its numbers, `meaning` what follows."""

    kind: Kind
    title: str
    sentence: str
    meaning: str
    evidence: Evidence
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `told` is False where nothing can be said of this network."""

    name: str
    sentence: str
    findings: tuple[Finding, ...] = ()
    told: bool = True


def untold(name: str, why: str) -> Check:
    """A check of which nothing can be said."""
    return Check(name, why, told=False)


def title(layer: Layer) -> str:
    """A layer as sentences name it; an activation goes by the layer whose outputs it takes."""
    if isinstance(layer.operation, Activation):
        assert layer.block is not None
        kind = "Dense" if layer.name.startswith("dense") else "Convolution"
        return f"{kind} {layer.block + 1}"
    return layer.name.replace("_", " ").capitalize()


def learners(plan: Plan) -> tuple[Layer, ...]:
    """The layers with weights that are learned."""
    return tuple(one for one in plan.layers if any(w.trainable for w in one.weights))


def has_kernel(layer: Layer) -> bool:
    """Whether a layer learns sums of its inputs; batch normalisation only shifts and stretches."""
    return isinstance(layer.operation, Convolution | Dense)


def is_normalised(plan: Plan) -> bool:
    """Whether every convolution is followed by batch normalisation."""
    kinds = [type(one.operation) for one in plan.layers]
    return kinds.count(BatchNormalisation) == kinds.count(Convolution)


def percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1 as percent: "3.1 %"."""
    return f"{100 * share:.{digits}f}\u202f%"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names in a row: "1, 4 and 7"; of too many the first, and how many more there are."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


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
    """The settings with every learning rate so many times as large, as far as there are such."""
    low, high = LEARNING_RATE
    phases = (
        replace(one, learning_rate=min(high, max(low, float(f"{one.learning_rate * factor:.6g}"))))
        for one in settings.phases
    )
    return replace(settings, phases=tuple(phases))
