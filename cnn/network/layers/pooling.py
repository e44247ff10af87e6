"""Pooling, the largest or the mean of each window, and global average pooling, the mean of a map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from cnn import operations
from cnn.arrays import Array
from cnn.network.layers.base import KerasCode, Operation, Shape, Window, url_match
from cnn.network.layers.settings import Range, check_one_of, check_whole

PoolingKind = Literal["max", "average"]

POOLINGS: tuple[PoolingKind, ...] = get_args(PoolingKind)
POOL_SIZE = Range(1, 8)

_KERAS_LAYERS = {"max": "MaxPooling2D", "average": "AveragePooling2D"}
_FUNCTIONS = {"max": operations.max_pooling, "average": operations.average_pooling}
_URL_WORDS: dict[str, PoolingKind] = {"max": "max", "avg": "average"}


@dataclass(frozen=True)
class Pooling(Operation):
    """Windows of `size` x `size` taken every `stride` cells, without padding (Keras's "valid")."""

    kind: PoolingKind = "max"
    size: int = 2
    stride: int = 2

    layer_name = "pooling"

    def __post_init__(self) -> None:
        check_one_of("pooling", self.kind, POOLINGS)
        check_whole("pooling size", self.size, POOL_SIZE)
        check_whole("pooling stride", self.stride, POOL_SIZE)

    @property
    def title(self) -> str:
        return f"{self.kind.capitalize()} pooling"

    @property
    def setting(self) -> str:
        return f"windows {self.size} × {self.size}, stride {self.stride}"

    @property
    def label(self) -> str:
        """Kind and settings where it is clear that they are those of a pooling."""
        stride = "" if self.stride == self.size else f", stride {self.stride}"
        return f"{self.kind} {self.size} × {self.size}{stride}"

    def __str__(self) -> str:
        return f"{self.size} x {self.size} {self.kind} pooling"

    @property
    def url_text(self) -> str:
        kind = next(word for word, kind in _URL_WORDS.items() if kind == self.kind)
        stride = "" if self.stride == self.size else f"s{self.stride}"
        return f"{kind}{self.size}{stride}"

    @classmethod
    def from_url(cls, word: str) -> "Pooling | None":
        match = url_match(r"(max|avg)(\d+)(?:s(\d+))?", word)
        return match and cls(_URL_WORDS[match[1]], int(match[2]), int(match[3] or match[2]))

    @property
    def keras_code(self) -> KerasCode:
        stride = {} if self.stride == self.size else {"strides": self.stride}
        return KerasCode(_KERAS_LAYERS[self.kind], (self.size,), stride)

    def apply(self, x: Array, weights: Sequence[Array] = ()) -> Array:
        return _FUNCTIONS[self.kind](x, self.size, self.stride)

    def window(self, input_shape: Shape) -> Window:
        return Window.over(input_shape, self.size, self.stride, "valid")

    def output_shape(self, input_shape: Shape) -> Shape:
        return (*self.window(input_shape).positions(input_shape), input_shape[2])


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
