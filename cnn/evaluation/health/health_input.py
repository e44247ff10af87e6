"""What the health checks read, and why one of them cannot be made.

They measure and say nothing: the sentences are the page's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cnn.arrays import Array
from cnn.inspection.features.saturation import Activity
from cnn.network.layers import Convolution, Dense, Layer
from cnn.network.plan import Plan
from cnn.training.run import EpochRecord, Run


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
