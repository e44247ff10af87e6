"""A network as one short text that a person can read and type, as it stands in the app's address.

The article's network is `conv4x3-relu-max2_conv8x3-relu-max2_flatten_dense100-sigmoid_softmax`:
layers in the order of the data joined by `_`, each layer's settings joined by `-`. What is left out
is off: no stride or dilation means 1, no `same` means valid padding, no activation means linear.
"""

from collections.abc import Sequence

from cnn.network.layers import BatchNormalization, Convolution, Dense, Dropout, Operation
from cnn.network.spec import (
    FLATTENING_LAYERS,
    OUTPUTS,
    Activation,
    ConvolutionBlock,
    DenseLayer,
    Flattening,
    Network,
    NetworkError,
    Pooling,
)

EXAMPLE = "conv4x3-relu-max2_flatten_dense100-sigmoid_softmax"
LONGEST = 1000

_FLATTENING_WORDS = {layer.url_text: name for name, layer in FLATTENING_LAYERS.items()}
_AFTER_CONVOLUTION = (BatchNormalization, Activation, Pooling, Dropout)
_AFTER_DENSE = (Activation, Dropout)


def to_text(network: Network) -> str:
    """The network's text; `from_text` reads it back to an equal network."""
    groups = [
        *(block.operations() for block in network.blocks),
        (FLATTENING_LAYERS[network.flattening],),
        *(layer.operations() for layer in network.dense),
    ]
    texts = ("-".join(operation.url_text for operation in group) for group in groups)
    return "_".join([*texts, network.output])


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
    flattening: Flattening | None = None
    *groups, last = parts
    for part in groups:
        first = part.split("-")[0]
        if flattening is None and (convolution := Convolution.from_url(first)):
            blocks.append(ConvolutionBlock.of(_group(convolution, part, _AFTER_CONVOLUTION)))
        elif flattening is None and part in _FLATTENING_WORDS:
            flattening = _FLATTENING_WORDS[part]
        elif flattening is not None and (layer := Dense.from_url(first)):
            dense.append(DenseLayer.of(_group(layer, part, _AFTER_DENSE)))
        else:
            raise _unreadable(
                part, "convolutions come first, then flatten or globalaverage, then dense layers"
            )
    if flattening is None:
        raise NetworkError(
            f"The network's text has neither {' nor '.join(_FLATTENING_WORDS)} between the maps and the output. It should read like {EXAMPLE}."
        )
    for output in OUTPUTS:
        if last == output:
            return Network(tuple(blocks), flattening, tuple(dense), output)
    raise _unreadable(last, f"the last part is {' or '.join(OUTPUTS)}")


def _group(first: Operation, part: str, kinds: Sequence[type[Operation]]) -> list[Operation]:
    """The layers that a part joins by `-`: the first one and layers of `kinds`, in any order."""
    following: list[Operation] = []
    for word in part.split("-")[1:]:
        if with_setting := first.with_url_setting(word):
            first = with_setting
            continue
        layer = next((layer for kind in kinds if (layer := kind.from_url(word))), None)
        if layer is None:
            raise _unreadable(part, f"{word!r} is not a setting of this layer")
        following.append(layer)
    return [first, *following]


def _unreadable(part: str, why: str) -> NetworkError:
    return NetworkError(
        f"The network's text could not be read at {part[:60]!r}: {why}. It should read like {EXAMPLE}."
    )
