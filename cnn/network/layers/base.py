"""What a layer of an unrolled network is: its operation, shapes, weights and costs."""

from dataclasses import dataclass
from math import prod

from cnn.network.spec import Activation, Padding, Pooling

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Convolution:
    """`filters` kernels of `kernel` x `kernel`, each over all channels, plus a bias.

    A kernel reads cells that lie `dilation` apart.
    """

    filters: int
    kernel: int
    stride: int
    padding: Padding
    dilation: int


@dataclass(frozen=True)
class BatchNormalization:
    """Each channel brought to a learned mean and spread."""


@dataclass(frozen=True)
class Dropout:
    """A share of the values set to zero while training; nothing afterwards."""

    rate: float


@dataclass(frozen=True)
class Flatten:
    """Maps laid out as one vector."""


@dataclass(frozen=True)
class GlobalAverage:
    """The mean of each map."""


@dataclass(frozen=True)
class Dense:
    """`units` weighted sums of all inputs, plus biases."""

    units: int


@dataclass(frozen=True)
class Softmax:
    """Logits turned into probabilities."""


Operation = (
    Convolution
    | BatchNormalization
    | Activation
    | Pooling
    | Dropout
    | Flatten
    | GlobalAverage
    | Dense
    | Softmax
)


@dataclass(frozen=True)
class ReceptiveField:
    """The input pixels one unit sees, along one side.

    Unit number i sees pixels `start + i * step` to `start + i * step + size - 1`; some lie outside
    the image where there is padding, and some between may be passed over. `end` is the pixel after the last one that any unit sees: a
    window without padding may leave out the last rows and columns.
    """

    size: int
    step: int
    start: int
    end: int

    def through(
        self, window: int, stride: int, padding_before: int, units: int
    ) -> "ReceptiveField":
        """The field of one of `units` whose windows span `window` of these, every `stride` of them."""
        size = self.size + (window - 1) * self.step
        step = self.step * stride
        start = self.start - padding_before * self.step
        return ReceptiveField(size, step, start, min(start + (units - 1) * step + size, self.end))

    def span(self, unit: int, pixels: int) -> tuple[int, int]:
        """First pixel and the one after the last that `unit` sees of a side of `pixels`."""
        first = self.start + unit * self.step
        return max(first, 0), min(first + self.size, self.end, pixels)


@dataclass(frozen=True)
class Weight:
    """One array of a layer's weights; `trainable` is False for batch normalization's averages."""

    name: str
    shape: Shape
    trainable: bool = True

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


@dataclass(frozen=True)
class Layer:
    """One step of the forward pass.

    Shapes are without the image axis: (height, width, channels) or (units,). `block` is the number
    of the convolution block or dense layer it belongs to, from 0 (None: bridge and output).
    `receptive_field` is None from the bridge on, where a unit sees the whole image.
    """

    name: str
    operation: Operation
    input_shape: Shape
    output_shape: Shape
    weights: tuple[Weight, ...] = ()
    multiply_accumulates: int = 0
    receptive_field: ReceptiveField | None = None
    block: int | None = None

    @property
    def parameters(self) -> int:
        """Numbers the layer keeps, counted as Keras counts them (with the untrainable ones)."""
        return sum(weight.size for weight in self.weights)

    @property
    def outputs(self) -> int:
        """Numbers it gives for one image."""
        return prod(self.output_shape)
