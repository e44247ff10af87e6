"""Softmax: logits turned into one probability for each class."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnn import operations
from cnn.network.layers.base import Array, KerasCode, Operation


@dataclass(frozen=True)
class Softmax(Operation):
    """Logits turned into probabilities."""

    layer_name = "softmax"

    @property
    def title(self) -> str:
        return "Softmax"

    @property
    def setting(self) -> str:
        return "exp(x) / sum of exp(x)"

    @property
    def url_text(self) -> str:
        return "softmax"

    @classmethod
    def from_url(cls, word: str) -> "Softmax | None":
        return cls() if word == "softmax" else None

    @property
    def keras_code(self) -> KerasCode:
        return KerasCode("Softmax")

    @property
    def keras_activation(self) -> str:
        return "softmax"

    def apply(self, x: Array, weights: Sequence[Array] = ()) -> Array:
        return operations.softmax(x)
