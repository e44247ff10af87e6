"""Global average pooling: the mean of each whole map."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnn import operations
from cnn.arrays import Array
from cnn.network.layers.base import KerasCode, Operation, Shape


@dataclass(frozen=True)
class GlobalAverage(Operation):
    """The mean of each map."""

    layer_name = "global_average"
    title = "Global average"
    setting = "mean of each map"
    url_text = "globalaverage"
    keras_code = KerasCode("GlobalAveragePooling2D")

    def apply(self, x: Array, weights: Sequence[Array] = ()) -> Array:
        return operations.global_average(x)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[-1],)
