"""Networks, layers and numbers in words, the same on every page."""

from decimal import ROUND_HALF_UP, Decimal
from math import isinf, isnan

from cnn.counts import thousands as thousands
from cnn.network.plan import (
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Layer,
    Shape,
    Softmax,
)
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling
from cnn.statistics import wilson

ACTIVATION_NAMES = {
    "linear": "Linear",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
}

FORMULAS = {
    "linear": "f(x) = x",
    "sigmoid": "f(x) = 1 / (1 + exp(−x))",
    "tanh": "f(x) = (exp(x) − exp(−x)) / (exp(x) + exp(−x))",
    "relu": "f(x) = max(0, x)",
    "leaky_relu": "f(x) = x above 0, slope · x below",
    "elu": "f(x) = x above 0, exp(x) − 1 below",
    "gelu": "f(x) = x · Φ(x)",
    "silu": "f(x) = x / (1 + exp(−x))",
}


def shape(sizes: Shape) -> str:
    """A shape as people write it: 26 × 26 × 4."""
    return " × ".join(str(size) for size in sizes)


def layer_title(layer: Layer) -> str:
    """What a layer is called on every page: "Convolution 1", "ReLU 1", "Max pooling 2"."""
    number = f" {layer.block + 1}" if layer.block is not None else ""
    match layer.operation:
        case Convolution():
            return f"Convolution{number}"
        case BatchNormalisation():
            return f"Batch normalisation{number}"
        case Activation(name):
            hidden = " of dense" if layer.name.startswith("dense") else ""
            return f"{ACTIVATION_NAMES[name]}{hidden}{number}"
        case Pooling(kind):
            return f"{kind.capitalize()} pooling{number}"
        case Dropout():
            hidden = " of dense" if layer.name.startswith("dense") else ""
            return f"Dropout{hidden}{number}"
        case Flatten():
            return "Flatten"
        case GlobalAverage():
            return "Global average"
        case Dense():
            return "Logits" if layer.name == "logits" else f"Dense{number}"
        case Softmax():
            return "Softmax"
        case other:
            raise TypeError(f"Expected an operation of a plan. Received: {other!r}")


def kernel_title(layer: Layer) -> str:
    """What the kernels of a convolution are called: "Kernels 1"."""
    return "Kernels" if layer.block is None else f"Kernels {layer.block + 1}"


def kernel_note(layer: Layer) -> str:
    """How many kernels a convolution has, and how they are laid out in its picture."""
    side, _, channels, filters = layer.weights[0].shape
    if channels == 1:
        return f"{filters} of {side} × {side}"
    return f"{filters} × {channels} of {side} × {side}; a row is a filter"


def layer_setting(layer: Layer) -> str:
    """A layer's own settings in a few words."""
    match layer.operation:
        case Convolution(filters, kernel, stride, padding, dilation):
            moved = f", stride {stride}" if stride > 1 else ""
            spread = f", dilation {dilation}" if dilation > 1 else ""
            several = "filters" if filters > 1 else "filter"
            return f"{filters} {several} {kernel} × {kernel}{moved}{spread}, {padding} padding"
        case Activation("leaky_relu", slope):
            return f"slope {slope:g} below 0"
        case Activation(name):
            return FORMULAS[name]
        case Pooling(_, size, stride):
            return f"windows {size} × {size}, stride {stride}"
        case Dropout(rate):
            return f"{percent(rate, 0)} set to 0 while training"
        case Dense(units):
            return f"{units} units" if units > 1 else "1 unit"
        case BatchNormalisation():
            return "mean and spread of each channel"
        case Flatten():
            return "maps in one row"
        case GlobalAverage():
            return "mean of each map"
        case Softmax():
            return "exp(x) / sum of exp(x)"
        case other:
            raise TypeError(f"Expected an operation of a plan. Received: {other!r}")


def block(block: ConvolutionBlock) -> str:
    """A convolution block in a few words."""
    parts = [f"{block.filters} filters {block.kernel} × {block.kernel}"]
    if block.stride > 1:
        parts.append(f"stride {block.stride}")
    if block.dilation > 1:
        parts.append(f"dilation {block.dilation}")
    if block.padding == "same":
        parts.append("same padding")
    if block.batch_normalisation:
        parts.append("batch normalisation")
    parts.append(ACTIVATION_NAMES[block.activation.name])
    if block.pooling:
        parts.append(f"{block.pooling.kind} pooling {block.pooling.size}")
    if block.dropout:
        parts.append(f"dropout {percent(block.dropout, 0)}")
    return ", ".join(parts)


def dense_layer(layer: DenseLayer) -> str:
    """A hidden dense layer in a few words."""
    dropout = f", dropout {percent(layer.dropout, 0)}" if layer.dropout else ""
    return f"{layer.units} units, {ACTIVATION_NAMES[layer.activation.name]}{dropout}"


def network(network: Network) -> str:
    """A whole network in block line: 4@3×3 ReLU max → 8@3×3 ReLU max → flatten → 100 sigmoid → softmax."""
    parts = []
    for block in network.blocks:
        pooling = f" {block.pooling.kind}" if block.pooling else ""
        name = ACTIVATION_NAMES[block.activation.name]
        parts.append(f"{block.filters}@{block.kernel}×{block.kernel} {name}{pooling}")
    parts.append("flatten" if network.bridge == "flatten" else "global average")
    parts += [f"{layer.units} {ACTIVATION_NAMES[layer.activation.name]}" for layer in network.dense]
    return " → ".join([*parts, network.output])


def network_name(network: Network) -> str:
    """A short name that can be read out: "2 conv layers (4, 8 filters), max pooling, dense 100".

    Networks with the same name can differ; `network` has the details.
    """
    if network == ARTICLE:
        return "Starter network"
    blocks = network.blocks
    filters = ", ".join(str(block.filters) for block in blocks)
    if len(blocks) > 3:
        filters = f"{blocks[0].filters} to {blocks[-1].filters}"
    layers = "layer" if len(blocks) == 1 else "layers"
    parts = [f"{len(blocks)} conv {layers} ({filters} filters)"] if blocks else []
    if any(block.batch_normalisation for block in blocks):
        parts.append("batch normalization")
    kinds = dict.fromkeys(block.pooling.kind for block in blocks if block.pooling)
    if kinds:
        parts.append(f"{' and '.join(kinds)} pooling")
    if network.dense:
        parts.append(f"dense {', '.join(str(layer.units) for layer in network.dense)}")
    name = ", ".join(parts) or "output layer only"
    return name[0].upper() + name[1:]


def seconds(duration: float) -> str:
    """A rough duration: "less than a second", "about 12 s", "about 3 min 20 s"."""
    if duration < 1:
        return "less than a second"
    minutes, rest = divmod(round(duration), 60)
    return f"about {minutes} min {rest} s" if minutes else f"about {rest} s"


def memory(size: float) -> str:
    """Bytes as kB or MB."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def number(value: float) -> str:
    """A value as everywhere in the app: 1.2e8, 123, 12.3, 0.12, −0.0123, 1.2e−5.

    `number` of components/shared.js writes the same; halves are rounded away from 0, as there.
    """
    if isnan(value):
        return "not a number"
    size = abs(value)
    if isinf(size):
        text = "∞"
    elif 0 < size < 0.001 or size >= 1e7:
        mantissa, exponent = f"{size:.1e}".split("e")
        text = f"{mantissa}e{int(exponent)}".replace("-", "−")
    else:
        digits = 0 if size == 0 or size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 4
        exact = Decimal(float(size))
        text = f"{exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"
    return f"−{text}" if value < 0 else text


_MARKDOWN = str.maketrans({one: f"\\{one}" for one in "\\`*_{}[]()<>#+-.!|~$:&"})


def escaped(text: str) -> str:
    """A text that somebody typed, as Markdown that shows it letter by letter; lines stay lines."""
    return text.translate(_MARKDOWN).replace("\n", "  \n")


def percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1 as percent, with a thin space before the sign: 87.2 %."""
    return f"{100 * share:.{digits}f}\u202f%"


def accuracy(share: float, count: int) -> str:
    """An accuracy with its 95 % interval (Wilson, 1927): "87.2 % (85.7 to 88.6)"."""
    low, high = wilson(share, count)
    return f"{percent(share)} ({100 * low:.1f} to {100 * high:.1f})"
