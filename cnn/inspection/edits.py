"""Changes made by hand to a trained network: kernels typed over, filters switched off."""

from dataclasses import dataclass, replace

import numpy as np

from cnn.arrays import Array
from cnn.network.plan import Plan


@dataclass(frozen=True, order=True)
class KernelEdit:
    """The numbers, row by row, that stand in the place of one channel of one filter's kernel."""

    layer: str
    filter: int
    channel: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Edits:
    """All changes to a network; `off` are the filters switched off, by convolution and number.

    Both are in order, so that the same changes are equal however they were come by.
    """

    kernels: tuple[KernelEdit, ...] = ()
    off: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.kernels or self.off)

    def with_kernel(self, edit: KernelEdit) -> "Edits":
        """With these numbers in one kernel, whatever was typed there before."""
        return replace(self, kernels=tuple(sorted((*self._others(edit), edit))))

    def without_kernel(self, layer: str, filter: int, channel: int) -> "Edits":
        """With the network's own numbers in this kernel again."""
        return replace(self, kernels=self._others(KernelEdit(layer, filter, channel, ())))

    def switched(self, layer: str, filter: int, off: bool) -> "Edits":
        """With one filter switched off, or on again."""
        others = tuple(one for one in self.off if one != (layer, filter))
        return replace(self, off=tuple(sorted((*others, (layer, filter)))) if off else others)

    def kernel(self, layer: str, filter: int, channel: int) -> KernelEdit | None:
        """What was typed into one kernel; None where the network's own numbers stand."""
        place = (layer, filter, channel)
        return next((k for k in self.kernels if (k.layer, k.filter, k.channel) == place), None)

    def _others(self, edit: KernelEdit) -> tuple[KernelEdit, ...]:
        place = (edit.layer, edit.filter, edit.channel)
        return tuple(k for k in self.kernels if (k.layer, k.filter, k.channel) != place)


def edited(plan: Plan, weights: Array, edits: Edits) -> Array:
    """The flat weights of `plan` with the edits made; the same array if there are none.

    A filter that is off computes 0 before its activation, and nothing reads its map: its kernel, its
    bias and its part of a batch normalization are 0, and so are the weights of the next layer for
    it. Training such a network on leaves it off where the activation of 0 is 0.

    Raises KeyError, IndexError or ValueError for edits that are not of this plan.
    """
    if not edits:
        return weights
    changed = weights.copy()
    arrays = plan.split(changed)
    for edit in edits.kernels:
        kernel = arrays[f"{edit.layer}/kernel"]
        kernel[:, :, edit.channel, edit.filter] = np.reshape(edit.values, kernel.shape[:2])
    for layer, filter in edits.off:
        _switch_off(plan, arrays, layer, filter)
    return changed


def _switch_off(plan: Plan, arrays: dict[str, Array], layer: str, filter: int) -> None:
    arrays[f"{layer}/kernel"][..., filter] = 0
    arrays[f"{layer}/bias"][filter] = 0
    filters = plan.layer(layer).output_shape[2]
    names = [one.name for one in plan.layers]
    for follower in plan.layers[names.index(layer) + 1 :]:
        own = [arrays[weight.name] for weight in follower.weights]
        follower.operation.disconnect(own, filter, filters)
        if follower.operation.sums_inputs:
            return
