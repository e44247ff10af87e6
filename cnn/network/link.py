"""A network as one short text that a person can read and type, as it stands in the app's address.

The article's network is `conv4x3-relu-max2_conv8x3-relu-max2_flatten_dense100-sigmoid_softmax`:
layers in the order of the data joined by `_`, each layer's settings joined by `-`. What is left out
is off: no stride or dilation means 1, no `same` means valid padding, no activation means linear.
"""

import re

from cnn.network.spec import (
    ACTIVATIONS,
    FLATTENINGS,
    OUTPUTS,
    Activation,
    ConvolutionBlock,
    DenseLayer,
    Flattening,
    Network,
    NetworkError,
    Padding,
    Pooling,
    PoolingKind,
)

EXAMPLE = "conv4x3-relu-max2_flatten_dense100-sigmoid_softmax"
LONGEST = 1000

_POOLING_WORDS = {"max": "max", "average": "avg"}
_FLATTENING_WORDS: dict[Flattening, str] = {"flatten": "flatten", "global_average": "globalaverage"}


def to_text(network: Network) -> str:
    """The network's text; `from_text` reads it back to an equal network."""
    layers = [_block_text(block) for block in network.blocks]
    layers.append(_FLATTENING_WORDS[network.flattening])
    for layer in network.dense:
        layers.append("-".join([f"dense{layer.units}", *_tail(layer.activation, layer.dropout)]))
    return "_".join([*layers, network.output])


def _block_text(block: ConvolutionBlock) -> str:
    parts = [f"conv{block.filters}x{block.kernel}"]
    if block.stride != 1:
        parts.append(f"s{block.stride}")
    if block.dilation != 1:
        parts.append(f"d{block.dilation}")
    if block.padding == "same":
        parts.append("same")
    if block.batch_normalization:
        parts.append("norm")
    activation, dropout = _tail(block.activation, 0.0), _tail(Activation("linear"), block.dropout)
    return "-".join([*parts, *activation, *_pooling_text(block.pooling), *dropout])


def _pooling_text(pooling: Pooling | None) -> list[str]:
    if pooling is None:
        return []
    stride = "" if pooling.stride == pooling.size else f"s{pooling.stride}"
    return [f"{_POOLING_WORDS[pooling.kind]}{pooling.size}{stride}"]


def _tail(activation: Activation, dropout: float) -> list[str]:
    parts = []
    if activation.name == "leaky_relu":
        parts.append(f"leaky{activation.slope:g}")
    elif activation.name != "linear":
        parts.append(activation.name)
    if dropout:
        parts.append(f"drop{dropout:g}")
    return parts


def from_text(text: str) -> Network:
    """The network that a text describes.

    Raises NetworkError with a sentence that names the part that could not be read.
    """
    if len(text) > LONGEST:
        raise NetworkError(
            f"The network's text has {len(text)} characters; the longest network needs fewer than {LONGEST}."
        )
    parts = [part for part in text.strip().lower().split("_") if part]
    if not parts:
        raise NetworkError(f"The network's text is empty. It should read like {EXAMPLE}.")
    blocks: list[ConvolutionBlock] = []
    dense: list[DenseLayer] = []
    flattenings = {word: flattening for flattening, word in _FLATTENING_WORDS.items()}
    flattening: Flattening | None = None
    *layers, last = parts
    for part in layers:
        name, *settings = part.split("-")
        if (match := _match(r"conv(\d+)x(\d+)", name)) and flattening is None:
            blocks.append(_block(int(match[1]), int(match[2]), settings, part))
        elif name in flattenings and flattening is None and not settings:
            flattening = flattenings[name]
        elif (match := _match(r"dense(\d+)", name)) and flattening is not None:
            dense.append(_dense(int(match[1]), settings, part))
        else:
            raise _unreadable(
                part, "convolutions come first, then flatten or globalaverage, then dense layers"
            )
    if flattening is None:
        raise NetworkError(
            f"The network's text has neither {' nor '.join(_FLATTENING_WORDS[name] for name in FLATTENINGS)} "
            f"between the maps and the output. It should read like {EXAMPLE}."
        )
    for output in OUTPUTS:
        if last == output:
            return Network(tuple(blocks), flattening, tuple(dense), output)
    raise _unreadable(last, f"the last part is {' or '.join(OUTPUTS)}")


def _block(filters: int, kernel: int, settings: list[str], part: str) -> ConvolutionBlock:
    stride, dilation, norm = 1, 1, False
    padding: Padding = "valid"
    pooling: Pooling | None = None
    activation, dropout = Activation("linear"), 0.0
    for word in settings:
        if match := _match(r"s(\d+)", word):
            stride = int(match[1])
        elif match := _match(r"d(\d+)", word):
            dilation = int(match[1])
        elif word == "same":
            padding = "same"
        elif word == "norm":
            norm = True
        elif match := _match(r"(max|avg)(\d+)(?:s(\d+))?", word):
            size = int(match[2])
            kind: PoolingKind = "max" if match[1] == "max" else "average"
            pooling = Pooling(kind, size, int(match[3]) if match[3] else size)
        else:
            activation, dropout = _activation_or_dropout(word, activation, dropout, part)
    return ConvolutionBlock(
        filters, kernel, stride, padding, norm, activation, pooling, dropout, dilation
    )


def _dense(units: int, settings: list[str], part: str) -> DenseLayer:
    activation, dropout = Activation("linear"), 0.0
    for word in settings:
        activation, dropout = _activation_or_dropout(word, activation, dropout, part)
    return DenseLayer(units, activation, dropout)


def _activation_or_dropout(
    word: str, activation: Activation, dropout: float, part: str
) -> tuple[Activation, float]:
    number = r"(\d{1,3}(?:\.\d{1,6})?)"
    if match := _match(f"leaky{number}", word):
        return Activation("leaky_relu", float(match[1])), dropout
    if match := _match(f"drop{number}", word):
        return activation, float(match[1])
    for name in ACTIVATIONS:
        if word == name and name != "leaky_relu":
            return Activation(name), dropout
    raise _unreadable(part, f"{word!r} is not a setting of this layer")


def _match(pattern: str, text: str) -> re.Match[str] | None:
    """A whole match in plain digits; numbers of absurd length are left unread."""
    return re.fullmatch(pattern, text, re.ASCII) if len(text) <= 20 else None


def _unreadable(part: str, why: str) -> NetworkError:
    return NetworkError(
        f"The network's text could not be read at {part[:60]!r}: {why}. It should read like {EXAMPLE}."
    )
