"""Networks, layers and numbers in words, the same on every page."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import isinf, isnan

from cnn.network.layers import Activation, Dropout, Layer, Shape
from cnn.network.layers.activation import ACTIVATION_NAMES as ACTIVATION_NAMES
from cnn.network.presets import ARTICLE
from cnn.network.spec import ConvolutionBlock, DenseLayer, Network
from cnn.statistics import wilson
from cnn.training.run import Run

OPTIMIZER_NAMES = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}

_STATUS_NAMES = {"queued": "Waiting"}

COLORS = ("red", "green", "blue")
"""The channels of an image in color."""


def thousands(count: float) -> str:
    """A count with commas between the thousands: 21,446."""
    return f"{count:,.0f}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: "1 epoch", "30 epochs", "2 classes" (whose `plural` is not "s")."""
    return f"{thousands(count)} {noun if count == 1 else plural or f'{noun}s'}"


def shape(sizes: Shape) -> str:
    """A shape as people write it: 26 × 26 × 4."""
    return " × ".join(str(size) for size in sizes)


def layer_title(layer: Layer) -> str:
    """What a layer is called on every page: "Convolution 1", "ReLU 1", "Max pooling 2"."""
    if layer.name == "logits":
        return "Logits"
    title = layer.operation.title
    if layer.name.startswith("dense") and isinstance(layer.operation, Activation | Dropout):
        title += " of dense"
    return numbered(title, layer)


def numbered(title: str, layer: Layer) -> str:
    """A title with the number of the block, if the layer is in one: "Kernels 1"."""
    return title if layer.block is None else f"{title} {layer.block + 1}"


def block(block: ConvolutionBlock) -> str:
    """A convolution block in a few words."""
    parts = [
        f"{counted(block.filters, 'filter')} {block.kernel} × {block.kernel}",
        f"stride {block.stride}" if block.stride > 1 else "",
        f"dilation {block.dilation}" if block.dilation > 1 else "",
        "same padding" if block.padding == "same" else "",
        "batch normalization" if block.batch_normalization else "",
        ACTIVATION_NAMES[block.activation.name],
        f"{block.pooling.kind} pooling {block.pooling.size}" if block.pooling else "",
        f"dropout {percent(block.dropout, 0)}" if block.dropout else "",
    ]
    return ", ".join(filter(None, parts))


def dense_layer(layer: DenseLayer) -> str:
    """A hidden dense layer in a few words."""
    dropout = f", dropout {percent(layer.dropout, 0)}" if layer.dropout else ""
    return f"{counted(layer.units, 'unit')}, {ACTIVATION_NAMES[layer.activation.name]}{dropout}"


def network(network: Network) -> str:
    """A whole network in one line: 4@3×3 ReLU max → 8@3×3 ReLU max → flatten → 100 sigmoid → softmax."""
    parts = []
    for block in network.blocks:
        pooling = f" {block.pooling.kind}" if block.pooling else ""
        name = ACTIVATION_NAMES[block.activation.name]
        parts.append(f"{block.filters}@{block.kernel}×{block.kernel} {name}{pooling}")
    parts.append("flatten" if network.flattening == "flatten" else "global average")
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
    several = "filter" if filters == "1" else "filters"
    kinds = {block.pooling.kind for block in blocks if block.pooling}
    parts = [
        f"{counted(len(blocks), 'conv layer')} ({filters} {several})" if blocks else "",
        "batch normalization" if any(block.batch_normalization for block in blocks) else "",
        f"{'mixed' if len(kinds) > 1 else ''.join(kinds)} pooling" if kinds else "",
        f"dense {', '.join(str(layer.units) for layer in network.dense)}" if network.dense else "",
    ]
    name = ", ".join(filter(None, parts)) or "output layer only"
    return name[0].upper() + name[1:]


def seconds(duration: float) -> str:
    """A rough duration: "less than a second", "about 12 s", "about 3 min 20 s"."""
    if duration < 1:
        return "less than a second"
    minutes, rest = divmod(round(duration), 60)
    return f"about {minutes} min {rest} s" if minutes else f"about {rest} s"


def memory(size: float) -> str:
    """Bytes as kB, MB or GB."""
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def number(value: float) -> str:
    """A value as everywhere in the app: 1.2e8, 123, 12.3, 0.12, −0.0123, 1.2e−5.

    `number` of static/numbers.js writes the same; halves are rounded away from 0, as there.
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
# Streamlit makes links, icons, emoji and arrows of the text that is left after backslashes are read.
_REPLACED = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def escaped(text: str) -> str:
    """A text from outside, as Markdown that shows it letter by letter; lines stay lines.

    Characters that cannot be seen or turn the direction of what follows are left out. A space without
    width divides what would be replaced, such as the parts of a link.
    """
    lines = [_UNSEEN.sub("", line).strip() or "\N{NO-BREAK SPACE}" for line in text.splitlines()]
    divided = _REPLACED.sub("\N{ZERO WIDTH SPACE}", "\n".join(lines))
    return divided.translate(_MARKDOWN).replace("\n", "  \n")


def percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1 as percent: 87.2%."""
    return f"{100 * share:.{digits}f}%"


def points(share: float, signed: bool = False) -> str:
    """A share or a difference of two in percentage points: "0.4", and if `signed` "+0.4", "−0.4"."""
    return f"{100 * share:{'+' if signed else ''}.1f}".replace("-", "−")


def interval(low: float, high: float) -> str:
    """The ends of an interval of shares, in points: "85.7 to 88.6"."""
    return f"{points(low)} to {points(high)}"


def accuracy(share: float, count: int) -> str:
    """An accuracy with its 95% interval (Wilson, 1927): "87.2% (85.7 to 88.6)"."""
    return f"{percent(share)} ({interval(*wilson(share, count))})"


def status(run: Run) -> str:
    """What a run is doing, or how it ended, in a word: "Training", "Done"."""
    return _STATUS_NAMES.get(run.status, run.status.capitalize())


def listed(names: Sequence[str]) -> str:
    """Names in a row: "A", "A and B", "A, B and C"; of more than eight the first seven and how many more."""
    if len(names) > 8:
        names = [*names[:7], f"{len(names) - 7} more"]
    most = ", ".join(names[:-1])
    return f"{most} and {names[-1]}" if most else "".join(names)
