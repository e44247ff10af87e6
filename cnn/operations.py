"""The operations of a convolutional neural network, as plainly as a textbook would write them.

Images and feature maps are float32 arrays (images, height, width, channels), kernels are
(height, width, channels read, filters): the layout of Keras, whose results these functions
reproduce to 1e-5. Nothing here learns; training is Keras's.
"""

import math
from collections.abc import Callable, Iterator
from functools import reduce

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.special import ndtr

from cnn.arrays import Array


def span(window: int, dilation: int) -> int:
    """Cells from the first to the last of `window` cells that lie `dilation` apart, both included.

    As wide a window without gaps has the same output size and padding.
    """
    return (window - 1) * dilation + 1


def output_size(size: int, window: int, stride: int, padding: str) -> int:
    """Cells along one side after a window of `window` cells has moved over `size` cells.

    "valid" keeps the window inside: floor((size - window) / stride) + 1, which is 0 or less where
    the window does not fit even once. "same" pads with zeros until there are ceil(size / stride).
    """
    if padding == "same":
        return math.ceil(size / stride)
    return (size - window) // stride + 1


def padding_cells(size: int, window: int, stride: int, padding: str) -> tuple[int, int]:
    """Zeros put before and after one side; an odd number puts the larger half after, as Keras does."""
    if padding == "valid":
        return 0, 0
    steps = output_size(size, window, stride, padding) - 1
    total = max(steps * stride + window - size, 0)
    return total // 2, total - total // 2


def windows(x: Array, window: int, stride: int, dilation: int = 1) -> Array:
    """Every place the window stops at: (images, rows, columns, channels, window, window), a view."""
    side = span(window, dilation)
    places = sliding_window_view(x, (side, side), axis=(1, 2))[:, ::stride, ::stride]
    return places[..., ::dilation, ::dilation]


def convolution(
    x: Array, kernel: Array, bias: Array, stride: int = 1, padding: str = "valid", dilation: int = 1
) -> Array:
    """Slide each filter over all channels at once, multiply, add up, add the filter's bias.

    What deep learning calls convolution is cross-correlation: the kernel is not flipped.
    A dilated kernel reads cells that lie `dilation` apart. Returns (images, rows, columns, filters).
    """
    size = kernel.shape[0]
    side = span(size, dilation)
    rows, columns = (padding_cells(cells, side, stride, padding) for cells in x.shape[1:3])
    padded = np.pad(x, ((0, 0), rows, columns, (0, 0)))
    patches = windows(padded, size, stride, dilation)
    # In the kernel's own order, channels last: what lies together in memory is copied together.
    return np.tensordot(patches.transpose(0, 1, 2, 4, 5, 3), kernel, axes=3) + bias


def max_pooling(x: Array, size: int = 2, stride: int = 2) -> Array:
    """The largest value of each window, channel by channel."""
    return reduce(np.maximum, _corners(x, size, stride))


def average_pooling(x: Array, size: int = 2, stride: int = 2) -> Array:
    """The mean of each window, channel by channel."""
    return reduce(np.add, _corners(x, size, stride)) / np.float32(size * size)


def _corners(x: Array, size: int, stride: int) -> Iterator[Array]:
    """The first cell of every window, then the second of every window, and so on."""
    rows = output_size(x.shape[1], size, stride, "valid")
    columns = output_size(x.shape[2], size, stride, "valid")
    for row in range(size):
        for column in range(size):
            yield x[:, row:, column:][:, ::stride, ::stride][:, :rows, :columns]


def global_average(x: Array) -> Array:
    """The mean of each whole map: (images, channels)."""
    return x.mean(axis=(1, 2), dtype=np.float32)


def flatten(x: Array) -> Array:
    """The cells of each image in one row, channel by channel within a cell: (images, cells)."""
    return x.reshape(len(x), -1)


def dense(x: Array, kernel: Array, bias: Array) -> Array:
    """Every unit's weighted sum of all inputs plus its bias: (images, units)."""
    return x @ kernel + bias


NORMALIZATION_EPSILON = 1e-3
"""What batch normalization adds to the variance, as Keras does."""


def batch_normalization(x: Array, gamma: Array, beta: Array, mean: Array, variance: Array) -> Array:
    """Each channel brought to mean `beta` and spread `gamma` by the averages kept while training."""
    return (x - mean) * (gamma / np.sqrt(variance + np.float32(NORMALIZATION_EPSILON))) + beta


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), between 0 and 1."""
    with np.errstate(over="ignore"):  # exp overflows to infinity far below zero, where 0 is right
        return np.float32(1) / (np.float32(1) + np.exp(-x))


def relu(x: Array) -> Array:
    return np.maximum(x, np.float32(0))


def leaky_relu(x: Array, slope: float) -> Array:
    """x above zero, `slope` times x below."""
    return np.where(x > 0, x, np.float32(slope) * x)


def elu(x: Array) -> Array:
    """x above zero, exp(x) - 1 below."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, np.float32(0))))


def gelu(x: Array) -> Array:
    """x times the share of a standard normal distribution below x (Hendrycks and Gimpel, 2016)."""
    return x * ndtr(x)


def silu(x: Array) -> Array:
    """x times sigmoid(x), also called swish."""
    return x * sigmoid(x)


def softmax(x: Array) -> Array:
    """exp(x) divided by the sum of exp(x) over the classes; the rows add up to 1."""
    exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def cross_entropy(logits: Array, classes: NDArray[np.integer]) -> Array:
    """-log of the probability that softmax gives the true class: (images,).

    `logits` are (images, classes), `classes` (images,) from 0. -log(exp(z) / sum) is log(sum) - z,
    which loses nothing where a probability is too small for float32. Keras computes it so, too,
    where softmax comes right before the loss; probabilities from elsewhere it keeps 1e-7 from 0.
    """
    less = logits - logits.max(axis=-1, keepdims=True)
    true = np.take_along_axis(less, classes[:, np.newaxis], axis=-1)[:, 0]
    return np.log(np.exp(less).sum(axis=-1)) - true


def _sigmoid_derivative(x: Array) -> Array:
    share = sigmoid(x)
    return share * (1 - share)


def _silu_derivative(x: Array) -> Array:
    share = sigmoid(x)
    return share * (1 + x * (1 - share))


def _gelu_derivative(x: Array) -> Array:
    density = np.exp(np.float32(-0.5) * x * x) / np.float32(math.sqrt(2 * math.pi))
    return ndtr(x) + x * density


_ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "linear": (lambda x: x, np.ones_like),
    "sigmoid": (sigmoid, _sigmoid_derivative),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "relu": (relu, lambda x: (x > 0).astype(np.float32)),
    "elu": (elu, lambda x: np.exp(np.minimum(x, np.float32(0)))),
    "gelu": (gelu, _gelu_derivative),
    "silu": (silu, _silu_derivative),
}
"""Every activation and its derivative, but those of leaky ReLU, which needs a slope."""


def activation(x: Array, name: str, slope: float = 0.0) -> Array:
    """The activation called `name` applied to every value; `slope` is read by leaky_relu only."""
    return leaky_relu(x, slope) if name == "leaky_relu" else _ACTIVATIONS[name][0](x)


def derivative(x: Array, name: str, slope: float = 0.0) -> Array:
    """The derivative of the activation called `name` at every value: what gradients are multiplied by.

    ReLU and leaky ReLU have a kink at 0 and no derivative there; as in TensorFlow it is counted as
    the one below 0: 0, and `slope`, which is read by leaky_relu only.
    """
    if name == "leaky_relu":
        return np.where(x > 0, np.float32(1), np.float32(slope))
    return _ACTIVATIONS[name][1](x)
