"""What the health checks read, and what each of them measures. No sentences: those are the page's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cnn.arrays import Array, Mask
from cnn.inspection.features.saturation import Activity
from cnn.network.layers import Convolution, Dense, Layer
from cnn.network.plan import Plan
from cnn.training.run import EpochRecord, Run

Cause = Literal["steps_too_large", "steps_too_small", "blocked_gradient", "unknown"]
"""What most likely keeps a network from learning, see `signals.cause`."""


@dataclass(frozen=True, eq=False)
class HealthInput:
    """A network after an epoch of its run, with everything the checks read.

    `weights` are flat, `start` those of epoch 0 (None: not saved). `activity` holds the activations
    inside the network by layer name, measured on a sample of the training images; it is empty where
    weights are not finite. `images` counts the training images of each class, `tested` the test
    images.
    """

    run: Run
    epoch: int
    plan: Plan
    weights: Array
    start: Array | None
    activity: Mapping[str, Activity]
    classes: tuple[str, ...]
    images: tuple[int, ...]
    tested: int

    @property
    def trained_epochs(self) -> list[EpochRecord]:
        """The records of the epochs from 1 to this one."""
        return [end for end in self.run.epochs if 1 <= end.epoch <= self.epoch]

    @property
    def steps_per_epoch(self) -> int:
        """How often the weights are updated in one epoch."""
        return -(-sum(self.images) // self.run.job.settings.batch_size)


@dataclass(frozen=True)
class FiniteWeights:
    """The share of weights that are infinite or not a number, per learning layer."""

    lost: Mapping[Layer, float]

    @property
    def flagged(self) -> bool:
        """Whether any weight is lost."""
        return any(self.lost.values())


@dataclass(frozen=True, eq=False)
class LayerUnits:
    """One layer's units or filters: its activity, and which of them are flagged, bool (units,)."""

    layer: Layer
    activity: Activity
    units: Mask


@dataclass(frozen=True, eq=False)
class DeadUnits:
    """Units after a ReLU that are 0 for every image. `layers` has every ReLU, `flagged` those to act on."""

    layers: tuple[LayerUnits, ...]
    flagged: tuple[LayerUnits, ...]


@dataclass(frozen=True, eq=False)
class RareFilters:
    """Filters after a ReLU that are above 0 in very few cells, though not in none."""

    layers: tuple[LayerUnits, ...]
    flagged: tuple[LayerUnits, ...]


@dataclass(frozen=True, eq=False)
class Saturation:
    """Sigmoid and tanh layers most of whose values are near an end of the range.

    `layers` has every such activation, `saturated` those above the limit, `flagged` those of them
    that also hold learning back.
    """

    layers: tuple[LayerUnits, ...]
    saturated: tuple[LayerUnits, ...]
    flagged: tuple[LayerUnits, ...]


@dataclass(frozen=True)
class SimilarPairs:
    """Pairs of filters of one convolution, counted from 0, with the cosine of their kernels.

    `closest` is the largest cosine of all pairs, None for a layer with one filter; `by_chance` is
    how many pairs as similar random kernels would have on average.
    """

    layer: Layer
    pairs: tuple[tuple[int, int, float], ...]
    closest: float | None
    by_chance: float


@dataclass(frozen=True)
class NearDuplicates:
    """The similar pairs of every convolution whose kernels are large enough to tell."""

    layers: tuple[SimilarPairs, ...]

    @property
    def flagged(self) -> tuple[SimilarPairs, ...]:
        """The layers that have such pairs."""
        return tuple(one for one in self.layers if one.pairs)

    @property
    def closest(self) -> float | None:
        """The largest cosine in any layer, None if no layer has two filters."""
        return max((one.closest for one in self.layers if one.closest is not None), default=None)


@dataclass(frozen=True)
class WeightMovement:
    """How far each layer's kernel is from its start, as a share of the kernel's own size then."""

    movements: Mapping[Layer, float]
    flagged: tuple[bool, ...]


@dataclass(frozen=True)
class GradientLines:
    """The root mean square of the gradient over each layer's weights, `sizes` (epochs, layers)."""

    layers: tuple[Layer, ...]
    epochs: tuple[int, ...]
    sizes: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class GradientSizes:
    """Gradients layer by layer, and the number of the layer where they vanish or explode (None: nowhere)."""

    lines: GradientLines
    vanishing: int | None
    exploding: int | None

    @property
    def flagged(self) -> bool:
        """Whether some layer's gradient is far from that of the last."""
        return self.vanishing is not None or self.exploding is not None


@dataclass(frozen=True)
class Progress:
    """Whether the network learns at all.

    `loss` is the validation loss now, `equal_shares` that of giving every class the same
    probability, `steps` the weight updates so far. `kind` is None for a healthy run, "stuck" for one
    that is still no better than equal shares, "slow" for one whose loss falls as evenly as at the
    start after many steps, "random_labels" for one that learns its training images while its
    validation accuracy stays at that of guessing.
    """

    loss: float
    equal_shares: float
    accuracy: float
    validation_accuracy: float
    guessing: float
    steps: int
    kind: Literal["stuck", "slow", "random_labels"] | None


@dataclass(frozen=True)
class Memorizing:
    """Training accuracy against validation accuracy, with the gap's 95% interval, and the best epoch.

    `stalled_for` counts the epochs since the smallest validation loss, `rise` is how far the
    smoothed validation loss is above its own minimum, as a share of it. `flagged` is None, or what
    gives it away: a large "gap" or a large "rise".
    """

    epoch: int
    accuracy: float
    validation_accuracy: float
    gap: float
    low: float
    high: float
    best_epoch: int
    best_loss: float
    loss: float
    rise: float
    flagged: Literal["gap", "rise"] | None

    @property
    def stalled_for(self) -> int:
        """Epochs since the smallest validation loss."""
        return self.epoch - self.best_epoch


@dataclass(frozen=True)
class ClassBalance:
    """The training images of each class; `flagged` are the classes with far fewer than the largest."""

    counts: tuple[int, ...]
    p_value: float
    flagged: tuple[bool, ...]


Measurement = (
    FiniteWeights
    | DeadUnits
    | RareFilters
    | Saturation
    | NearDuplicates
    | WeightMovement
    | GradientSizes
    | Progress
    | Memorizing
    | ClassBalance
)


@dataclass(frozen=True)
class NotApplicable:
    """A check that cannot be made: what it would have measured, and why it cannot."""

    check: type
    reason: Literal[
        "no_relu",
        "no_relu_maps",
        "no_saturating_activation",
        "no_convolution",
        "kernels_too_small",
        "untrained",
        "no_start",
        "no_gradients",
        "single_layer",
        "too_few_steps",
    ]


def learning_layers(plan: Plan) -> tuple[Layer, ...]:
    """The layers with weights that training changes."""
    return tuple(one for one in plan.layers if any(w.trainable for w in one.weights))


def has_kernel(layer: Layer) -> bool:
    """Whether a layer learns sums of its inputs; batch normalization only shifts and stretches."""
    return isinstance(layer.operation, Convolution | Dense)
