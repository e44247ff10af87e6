"""How well a network does without each of its filters, switched off one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import pandas as pd

from cnn.arrays import Array, Numbers, Pixels
from cnn.inspection.forward import apply, class_probabilities, portions, scaled, through
from cnn.network.layers import Convolution, Layer
from cnn.network.plan import Plan

WORK_OF_A_CALL = 1e11
"""Multiply-accumulates, or what takes as long, of one call for a worker: a second or two."""

_WORK_PER_OUTPUT = 200
"""How many multiply-accumulates take as long as writing one value, in NumPy, roughly."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """The whole network predicts `correct` of `images` images correctly.

    `filters` has a row for each filter by "layer" and "filter", in the plan's order: with it off,
    "lost" images go from correct to wrong and "gained" the other way.
    """

    images: int
    correct: int
    filters: pd.DataFrame

    def __add__(self, other: "Ranking") -> "Ranking":
        """Both together, for the same network on other images."""
        return Ranking(
            self.images + other.images, self.correct + other.correct, self.filters + other.filters
        )

    @property
    def by_loss(self) -> pd.DataFrame:
        """The filters, most needed first, also with their "accuracy" without each, from 0 to 1."""
        right = self.correct - self.filters["lost"] + self.filters["gained"]
        ranked = self.filters.assign(accuracy=right / self.images)
        return ranked.sort_values("accuracy", kind="stable").reset_index()


def rank(plan: Plan, weights: Array, images: Pixels, labels: Numbers) -> Ranking:
    """Switch off every filter of every convolution in turn, on some images and their classes.

    What comes before a filter is computed once, and an image on whose map a filter says nothing but
    0 keeps its answer. The accuracies are those of networks with the filter off, see `edited`.
    """
    arrays = plan.split(weights)
    with np.errstate(all="ignore"):
        parts = [
            _rank_portion(plan, arrays, scaled(images[here]), labels[here])
            for here in portions(plan.layers, len(images))
        ]
    return reduce(add, parts)


def images_per_call(plan: Plan) -> int:
    """Images for which `rank` works a second or two."""
    layers = plan.layers
    work = _work(layers)
    for _, reader in _convolutions(plan):
        maps = layers[reader - 1]
        # The maps are read, and often copied, once for each of their filters.
        work += maps.output_shape[2] * (_WORK_PER_OUTPUT * maps.outputs + _work(layers[reader:]))
    return max(1, int(WORK_OF_A_CALL / work))


def _rank_portion(plan: Plan, arrays: dict[str, Array], x: Array, labels: Numbers) -> Ranking:
    inputs = []
    for layer in plan.layers:
        inputs.append(x)
        x = apply(layer, x, arrays)
    predicted = _predicted(x)
    correct = predicted == labels
    filters = []
    for name, reader in _convolutions(plan):
        maps = inputs[reader]
        for filter in range(maps.shape[-1]):
            map = maps[..., filter].copy()
            touched = map.any(axis=(1, 2))
            changed = predicted.copy()
            if touched.any():
                maps[..., filter] = 0
                rest = maps if touched.all() else maps[touched]
                changed[touched] = _predicted(through(plan.layers[reader:], rest, arrays))
                maps[..., filter] = map
            now = changed == labels
            lost, gained = int((correct & ~now).sum()), int((now & ~correct).sum())
            filters.append((name, filter, lost, gained))
    table = pd.DataFrame(filters, columns=["layer", "filter", "lost", "gained"])
    return Ranking(len(labels), int(correct.sum()), table.set_index(["layer", "filter"]))


def _predicted(outputs: Array) -> Numbers:
    return class_probabilities(outputs).argmax(axis=1)


def _convolutions(plan: Plan) -> list[tuple[str, int]]:
    """Each convolution's name, and the number of the layer that reads its block's maps."""
    found = []
    name = ""
    for number, layer in enumerate(plan.layers):
        ends_maps = len(layer.output_shape) == 1 < len(layer.input_shape)
        if name and (ends_maps or layer.operation.sums_inputs):
            found.append((name, number))
            name = ""
        if isinstance(layer.operation, Convolution):
            name = layer.name
    return found


def _work(layers: Sequence[Layer]) -> float:
    return float(sum(one.multiply_accumulates + _WORK_PER_OUTPUT * one.outputs for one in layers))
