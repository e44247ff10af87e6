"""Global average pooling: the mean of each whole map."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnn import operations
from cnn.network.layers.base import Array, KerasCode, Operation, Shape


@dataclass(frozen=True)
class GlobalAverage(Operation):
    """The mean of each map."""

    layer_name = "global_average"

    @property
    def title(self) -> str:
        return "Global average"

    @property
    def setting(self) -> str:
        return "mean of each map"

    @property
    def url_text(self) -> str:
        return "globalaverage"

    @classmethod
    def from_url(cls, word: str) -> "GlobalAverage | None":
        return cls() if word == "globalaverage" else None

    @property
    def keras_code(self) -> KerasCode:
        return KerasCode("GlobalAveragePooling2D")

    def apply(self, x: Array, weights: Sequence[Array] = ()) -> Array:
        return operations.global_average(x)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[-1],)
