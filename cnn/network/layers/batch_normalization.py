"""Batch normalization: each channel shifted and scaled by averages measured during training."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from cnn import operations
from cnn.arrays import Array
from cnn.network.layers.base import KerasCode, Operation, Shape, Weight


@dataclass(frozen=True)
class BatchNormalization(Operation):
    """Each channel brought to a learned mean and spread."""

    layer_name = "batch_normalization"
    title = "Batch normalization"
    setting = "mean and spread of each channel"
    url_text = "norm"
    keras_code = KerasCode("BatchNormalization")
    pointwise = True

    @classmethod
    def from_url(cls, word: str) -> "BatchNormalization | None":
        return cls() if word == "norm" else None

    def apply(self, x: Array, weights: Sequence[Array]) -> Array:
        gamma, beta, mean, variance = weights
        return operations.batch_normalization(x, gamma, beta, mean, variance)

    def weights(self, input_shape: Shape) -> tuple[Weight, ...]:
        channels = (input_shape[-1],)
        return (
            Weight("gamma", channels),
            Weight("beta", channels),
            Weight("moving_mean", channels, trainable=False),
            Weight("moving_variance", channels, trainable=False),
        )

    def multiply_accumulates(self, input_shape: Shape) -> int:
        return prod(input_shape)

    def disconnect(self, weights: Sequence[Array], channel: int, channels: int) -> None:
        gamma, beta, mean, _ = weights
        for averages in (gamma, beta, mean):
            averages[channel] = 0
