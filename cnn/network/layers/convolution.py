"""Convolution: kernels that slide over all maps at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from cnn import operations
from cnn.arrays import Array
from cnn.network.layers.base import KerasCode, Operation, Padding, Shape, Weight, Window, url_match
from cnn.network.layers.settings import NetworkError


@dataclass(frozen=True)
class Convolution(Operation):
    """`filters` kernels of `kernel` x `kernel`, each over all channels, plus a bias.

    A kernel moves by `stride` cells and reads cells that lie `dilation` apart; as in Keras, only one
    of the two is above 1.
    """

    filters: int
    kernel: int
    stride: int = 1
    padding: Padding = "valid"
    dilation: int = 1

    layer_name = "convolution"
    title = "Convolution"
    sums_inputs = True
    takes_activation = True

    def __post_init__(self) -> None:
        if self.stride > 1 and self.dilation > 1:
            raise NetworkError(
                "Keras has no convolution with both a stride and a dilation above 1; this one has"
                f" stride {self.stride} and dilation {self.dilation}. Set one of them to 1."
            )

    @property
    def setting(self) -> str:
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        dilation = f", dilation {self.dilation}" if self.dilation > 1 else ""
        filters = "filters" if self.filters > 1 else "filter"
        size = f"{self.kernel} × {self.kernel}"
        return f"{self.filters} {filters} {size}{stride}{dilation}, {self.padding} padding"

    def __str__(self) -> str:
        dilation = f" with dilation {self.dilation}" if self.dilation > 1 else ""
        return f"{self.kernel} x {self.kernel} convolution{dilation}"

    @property
    def url_text(self) -> str:
        stride = f"-s{self.stride}" if self.stride > 1 else ""
        dilation = f"-d{self.dilation}" if self.dilation > 1 else ""
        padding = "-same" if self.padding == "same" else ""
        return f"conv{self.filters}x{self.kernel}{stride}{dilation}{padding}"

    @classmethod
    def from_url(cls, word: str) -> "Convolution | None":
        match = url_match(r"conv(\d+)x(\d+)", word)
        return match and cls(int(match[1]), int(match[2]))

    def with_url_setting(self, word: str) -> "Convolution | None":
        if match := url_match(r"s(\d+)", word):
            return replace(self, stride=int(match[1]))
        if match := url_match(r"d(\d+)", word):
            return replace(self, dilation=int(match[1]))
        return replace(self, padding="same") if word == "same" else None

    @property
    def keras_code(self) -> KerasCode:
        given = {"strides": self.stride, "padding": self.padding, "dilation_rate": self.dilation}
        # What is Keras's default, too, is left out.
        settings = {name: value for name, value in given.items() if value not in (1, "valid")}
        return KerasCode("Conv2D", (self.filters, self.kernel), settings)

    def apply(self, x: Array, weights: Sequence[Array]) -> Array:
        kernel, bias = weights
        return operations.convolution(x, kernel, bias, self.stride, self.padding, self.dilation)

    def window(self, input_shape: Shape) -> Window:
        return Window.over(input_shape, self.kernel, self.stride, self.padding, self.dilation)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (*self.window(input_shape).positions(input_shape), self.filters)

    def weights(self, input_shape: Shape) -> tuple[Weight, ...]:
        kernel = (self.kernel, self.kernel, input_shape[2], self.filters)
        return Weight("kernel", kernel), Weight("bias", (self.filters,))

    def multiply_accumulates(self, input_shape: Shape) -> int:
        return prod(self.output_shape(input_shape)) * self.kernel**2 * input_shape[2]

    def working_numbers(self, input_shape: Shape) -> int:
        """As for any layer, and every window laid out beside the others to meet the kernels."""
        windows = prod(self.window(input_shape).positions(input_shape))
        return super().working_numbers(input_shape) + windows * self.kernel**2 * input_shape[2]

    def disconnect(self, weights: Sequence[Array], channel: int, channels: int) -> None:
        kernel, _ = weights
        kernel[:, :, channel, :] = 0
