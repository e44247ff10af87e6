"""What a change of an image changes in a network, with its own pooling and with the other kind."""

from dataclasses import dataclass, replace

import numpy as np

from cnn.arrays import Array, Pixels
from cnn.inspection.forward import class_probabilities, forward
from cnn.network.plan import Plan
from cnn.network.plan import plan as unrolled
from cnn.network.spec import Pooling, PoolingKind


@dataclass(frozen=True, eq=False)
class Change:
    """What another image changes in a network whose poolings are of these `kinds`.

    `probabilities` are those of all classes for the image and for the other one, (2, classes).
    `maps` is the mean absolute change of the maps after the last pooling as a share of the mean
    absolute value that they have for the image; not a number where they are all 0.
    """

    kinds: tuple[PoolingKind, ...]
    probabilities: Array
    maps: float


def changes(plan: Plan, weights: Array, images: Pixels) -> tuple[Change, ...]:
    """What the second of two images, uint8 (2, height, width, channels), changes against the first.

    First in the network itself, then in the one with the same weights and average pooling
    everywhere: max pooling if it has only average pooling itself. Nothing for one without pooling.
    """
    own = tuple(dict.fromkeys(one.pooling.kind for one in plan.network.blocks if one.pooling))
    if not own:
        return ()
    other: PoolingKind = "max" if own == ("average",) else "average"
    swapped = with_pooling(plan, other)
    return _change(own, plan, weights, images), _change((other,), swapped, weights, images)


def with_pooling(plan: Plan, kind: PoolingKind) -> Plan:
    """The same network with every pooling of this kind. It has the same weights."""
    blocks = tuple(
        replace(block, pooling=block.pooling and replace(block.pooling, kind=kind))
        for block in plan.network.blocks
    )
    return unrolled(replace(plan.network, blocks=blocks), plan.image_shape, plan.classes)


def _change(kinds: tuple[PoolingKind, ...], plan: Plan, weights: Array, images: Pixels) -> Change:
    outputs = forward(plan, weights, images)
    last = [layer.name for layer in plan.layers if isinstance(layer.operation, Pooling)][-1]
    maps, others = outputs[last].astype(np.float64)
    with np.errstate(all="ignore"):  # maps that are all 0, or those of a diverged network
        share = np.abs(others - maps).mean() / np.abs(maps).mean()
    return Change(kinds, class_probabilities(outputs[plan.network.output]), float(share))
