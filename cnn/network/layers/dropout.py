"""Dropout: some values set to zero during training, at random."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnn.arrays import Array
from cnn.network.layers.base import DECIMAL, KerasCode, Operation, url_match


@dataclass(frozen=True)
class Dropout(Operation):
    """A share `rate` of the values set to zero while training; nothing afterwards."""

    rate: float

    layer_name = "dropout"
    title = "Dropout"
    training_only = True
    pointwise = True

    @property
    def setting(self) -> str:
        return f"{100 * self.rate:.0f}% set to 0 while training"

    @property
    def url_text(self) -> str:
        return f"drop{self.rate:g}"

    @classmethod
    def from_url(cls, word: str) -> "Dropout | None":
        match = url_match(rf"drop{DECIMAL}", word)
        return match and cls(float(match[1]))

    @property
    def keras_code(self) -> KerasCode:
        return KerasCode("Dropout", (self.rate,))

    def apply(self, x: Array, weights: Sequence[Array] = ()) -> Array:
        return x
